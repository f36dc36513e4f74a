import fc from "fast-check";
import type { Report } from "../../../../functions/delivery-recorder/event/report.ts";
import type { DeliveryTable } from "../../../../functions/delivery-recorder/ports.ts";
import type { Announced } from "../../../../protocol/announced.ts";
import { fileItem } from "../../../../protocol/delivery-items.ts";
import { exceptionOf } from "../../../../protocol/manifest-exceptions.ts";
import { formatManifestReceipt } from "../../../../protocol/manifest-receipt.ts";
import type { Receipt } from "../../../../protocol/receipt.ts";

export const FLEET = "fleet:a";
export const PATHS = ["a", "b", "c"];
/** The last goes to the fleet by default. */
export const keyOf = (path: string) => (path === "c" ? "c" : `fleets/${FLEET}/${path}`);
export const sha256Of = (version: number) => String.fromCharCode(65 + (version % 26)).repeat(43);
export const COUNTS = { installed: 1, unchanged: 0, removed: 0, bytes: 9, requests: 1 };

export function failureOf(
  device: string,
  path: string,
  n: number,
  version: number,
  state: Receipt["state"] = "failed",
): Report {
  const receipt = { name: keyOf(path), sha256: sha256Of(version), state, bytes: 1, requests: 1, n };
  return { device, at: n, kind: "receipt", receipt: { ...receipt, reason: "run" } };
}

/**
 * @param room for so many of the paths that are not as the manifest says
 * @param alone which version failed, where nothing else tells of that
 */
export function manifestOf(
  device: string,
  serial: number,
  n: number,
  not: readonly string[],
  room = 200,
  alone?: number,
): Report {
  const sha256 = alone === undefined ? undefined : sha256Of(alone);
  const ended = alone === undefined ? undefined : "exit 3";
  const exceptions = not.map((path) => exceptionOf({ path, state: "failed", reason: "run", sha256, ended }));
  const whole = formatManifestReceipt({ fleet: FLEET, serial, ...COUNTS }, [], exceptions);
  const manifest = { ...whole, not: whole.not?.slice(0, room), exceptions: not.length, n };
  return { device, at: n, kind: "manifest", manifest };
}

/** What the notifier has on record of a fleet. */
export async function tellFleet(
  table: DeliveryTable,
  path: string,
  version: number,
  serial: number,
): Promise<void> {
  const announced: Announced = {
    ...{ key: keyOf(path), sha256: sha256Of(version), etag: "e", versionId: "v", size: 1, at: 1, serial },
  };
  const before = await table.file(FLEET, path);
  const value = { device: FLEET, path, announced };
  await table.putOver(fileItem({ value, revision: before?.revision ?? 0 }, undefined));
}

/** A manifest that a device brings itself to: what fails, what has room in the receipt, and what fails later. */
export type Update = {
  fails: string[];
  room: number;
  failsLater: string[];
  /** What fails is told by the manifest's receipt alone. */
  alone: boolean;
};

export const update: fc.Arbitrary<Update> = fc.record({
  fails: fc.subarray(PATHS),
  room: fc.constantFrom(0, 1, 200),
  failsLater: fc.subarray(PATHS),
  alone: fc.boolean(),
});

/** A device's reports in their order, and the state of what ever failed: one of two where it depends on what was heard of when. */
export function liveByManifests(device: string, updates: readonly Update[], began = 0) {
  const reports: Report[] = [];
  const states = new Map<string, string[]>();
  let n = began;
  for (const [serial, { fails, room, failsLater, alone }] of updates.entries()) {
    const version = alone ? serial >> 1 : serial; // some fail again with the next manifest
    if (!alone) for (const path of fails) reports.push(failureOf(device, path, ++n, serial));
    reports.push(manifestOf(device, serial + 1, ++n, fails, room, alone ? version : undefined));
    const heard = alone ? fails.slice(0, room) : fails;
    for (const path of heard) states.set(path, ["rolled-back"]);
    for (const [path, was] of states) {
      if (heard.includes(path)) continue;
      // What a list lacks that has no room for all may be one of those: then only an older receipt can have ended it.
      const older = was.includes("installed") ? ["installed", "rolled-back"] : was;
      states.set(path, fails.length <= room ? ["installed"] : older);
    }
    for (const path of failsLater) {
      reports.push(failureOf(device, path, ++n, serial));
      states.set(path, ["rolled-back"]);
    }
  }
  return { reports, states };
}
