import { countExceptions, type KnownManifest } from "../../../protocol/device-manifest.ts";
import type { FleetState, Hold } from "../../../protocol/fleet-state.ts";
import { exceptionsIn, type FoundException } from "../../../protocol/manifest-exceptions.ts";
import type { FileView } from "../file-view.ts";
import { exceptionsText } from "./exceptions.ts";
import { type FleetDevice, STAGES, type Stage } from "./fleet-stage.ts";
import { type Waiting, waitingOf } from "./waiting.ts";

/** What is shown of one device of a fleet. Times are ISO dates. */
export type FleetDeviceView = {
  device: string;
  stage: Stage;
  serial: number | undefined;
  /** How many manifests it lacks, at least. */
  lacks: number | undefined;
  /** Whether it may lack older ones besides, which are not on record any more. */
  orMore: boolean | undefined;
  since: string | undefined;
  exceptions: (Pick<FoundException, "path" | "reason" | "ended"> & { state: string })[];
  /** Exceptions that its receipt had no room for. */
  more: number;
};

/** What is shown of a fleet that is told by a manifest. */
export type FleetView = {
  fleet: string;
  /** Of what its devices were told last. */
  serial: number | undefined;
  announced: string | undefined;
  files: number;
  /** What keeps the newest from being announced; undefined if nothing waits. */
  waiting: Waiting | undefined;
  shares: { key: string; percent: number }[];
  counts: Record<Stage, number>;
  devices: FleetDeviceView[];
  /** Files that could not be announced. */
  withheld: FileView[];
};

export function fleetView(
  state: FleetState,
  {
    devices,
    shown,
    said,
    hold,
    withheld,
    now,
  }: {
    /** All that are known. */
    devices: readonly FleetDevice[];
    /** Those of them that are shown. */
    shown: readonly FleetDevice[];
    said: ReadonlyMap<string, KnownManifest>;
    hold: Hold | undefined;
    withheld: FileView[];
    /** Milliseconds since the epoch. */
    now: number;
  },
): FleetView {
  const { fleet, announced, files } = state;
  const counted = STAGES.map(
    (stage) => [stage, devices.filter((each) => each.stage === stage).length] as const,
  );
  const shares = Object.entries(files).flatMap(([key, { share }]) =>
    share === undefined ? [] : [{ key, percent: share[0] }],
  );
  return {
    ...{ fleet, serial: announced?.serial, announced: iso(announced?.at) },
    files: Object.keys(files).length,
    waiting: waitingOf(state, hold, now),
    shares,
    counts: Object.fromEntries(counted) as Record<Stage, number>,
    devices: shown.map((device) => deviceOf(device, said.get(device.device))),
    withheld,
  };
}

function deviceOf(
  { device, stage, serial, lacks, since }: FleetDevice,
  said: KnownManifest | undefined,
): FleetDeviceView {
  const exceptions = said === undefined ? [] : exceptionsIn(said);
  return {
    ...{ device, stage, serial, lacks: lacks?.manifests, orMore: lacks?.orMore, since: iso(since) },
    exceptions: exceptions.map(({ path, state, reason, ended }) => ({ path, state, reason, ended })),
    more: said === undefined ? 0 : countExceptions(said) - exceptions.length,
  };
}

function iso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/** Why a device is not where its fleet is. @param wordOf how a state is called */
export function stageReason(
  { lacks, orMore, exceptions, more }: Pick<FleetDeviceView, "lacks" | "orMore" | "exceptions" | "more">,
  wordOf?: (state: string) => string,
): string {
  return [
    ...(lacks === undefined ? [] : [lacksText(lacks, orMore === true)]),
    ...exceptionsText(exceptions, wordOf),
    ...(more > 0 ? [`${more} more`] : []),
  ].join("; ");
}

function lacksText(manifests: number, orMore: boolean): string {
  if (orMore) return `lacks the last ${manifests} manifests or more`;
  return manifests === 1 ? "lacks the last manifest" : `lacks the last ${manifests} manifests`;
}
