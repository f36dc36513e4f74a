import type { FileView } from "../../cloud/file-view.ts";
import { STAGES, type Stage } from "../../cloud/fleets/fleet-stage.ts";
import { type FleetDeviceView, type FleetView, stageReason } from "../../cloud/fleets/fleet-view.ts";
import { waitingText } from "../../cloud/fleets/waiting.ts";

export const FLEET_HEADER = ["DEVICE", "STAGE", "SERIAL", "REASON", "SINCE"];

export function fleetDeviceRow(view: FleetDeviceView): string[] {
  const { device, stage, serial, since } = view;
  return [device, stage, String(serial ?? ""), stageReason(view), since ?? ""];
}

/** The row of a file that could not be announced to the fleet. */
export function withheldRow(fleet: string, { path, state, reason = "", at }: FileView): string[] {
  return [fleet, state, "", `${path}: ${reason}`, at];
}

/** What a person is told above the table, a line each. */
export function fleetSummary({
  fleet,
  serial,
  announced,
  files,
  waiting,
  shares,
  counts,
}: FleetView): string[] {
  const has = files === 1 ? "1 file" : `${files} files`;
  const told = serial === undefined ? "nothing is announced yet" : `serial ${serial}, announced ${announced}`;
  const some = STAGES.filter((stage) => counts[stage] > 0).map((stage) => `${counts[stage]} ${WORDS[stage]}`);
  return [
    `${fleet}: ${has}, ${told}`,
    ...(waiting === undefined ? [] : [waitingText(waiting)]),
    ...shares.map(({ key, percent }) => `${key} is for ${percent} % of its devices`),
    some.length === 0 ? "no device of it is known" : `devices: ${some.join(", ")}`,
  ];
}

const WORDS: Record<Stage, string> = {
  exceptions: "with exceptions",
  behind: "behind",
  "not-heard": "not heard of",
  current: "current",
};
