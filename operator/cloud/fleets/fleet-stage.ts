import type { FleetEntry } from "../../../protocol/delivery-table.ts";
import type { FleetState } from "../../../protocol/fleet-state.ts";

/**
 * How far a device is with what its fleet was told. `exceptions`: it has brought itself to that, but for some paths. `behind`: the last
 * manifest that it spoke of is an older one. `not-heard`: it never spoke of any.
 */
export const STAGES = ["exceptions", "behind", "not-heard", "current"] as const;
export type Stage = (typeof STAGES)[number];

/** A device of a fleet. Times are in milliseconds since the epoch. */
export type FleetDevice = {
  device: string;
  stage: Stage;
  /** The manifest that it brought itself to. */
  serial?: number | undefined;
  hasExceptions: boolean;
  /** How many manifests it lacks; there may be more where older ones are not on record any more. */
  lacks?: { manifests: number; orMore: boolean } | undefined;
  /** When it was heard of last; of one that is behind, since when it is; of one that was not heard of, since when it could have been. */
  since: number | undefined;
};

/**
 * The stage of each device of a fleet, those first that somebody should look at, and of those that are behind the last first.
 *
 * @param members UIDs of all devices of the fleet, where they are known: who is none has left it
 */
export function stagesOf(
  state: Pick<FleetState, "announced" | "manifests">,
  entries: readonly FleetEntry[],
  members: ReadonlySet<string> | undefined,
): FleetDevice[] {
  const { announced, manifests } = state;
  const heard = entries.filter(({ device }) => members?.has(device) ?? true).map(stageOfEntry);
  const spoke = new Set(entries.map(({ device }) => device));
  const silent = [...(members ?? [])].filter((device) => !spoke.has(device));
  const others = silent.map((device): FleetDevice => {
    return { device, stage: "not-heard", hasExceptions: false, since: announced?.at };
  });
  return [...heard, ...others].toSorted(byStage);

  function stageOfEntry({ device, serial, hasExceptions, time }: FleetEntry): FleetDevice {
    const known = { device, serial, hasExceptions };
    if (announced === undefined || serial >= announced.serial)
      return { ...known, stage: hasExceptions ? "exceptions" : "current", since: time };
    const told = manifests.filter((each) => each.serial <= announced.serial);
    const lacking = told.filter((each) => each.serial > serial);
    const orMore = !told.some((each) => each.serial <= serial);
    const since = lacking.reduce((first, { at }) => Math.min(first, at), announced.at);
    return { ...known, stage: "behind", lacks: { manifests: Math.max(1, lacking.length), orMore }, since };
  }
}

function byStage(a: FleetDevice, b: FleetDevice): number {
  return (
    STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage) ||
    (a.stage === "behind" ? (a.serial ?? 0) - (b.serial ?? 0) : (b.since ?? 0) - (a.since ?? 0)) ||
    (a.device < b.device ? -1 : 1)
  );
}
