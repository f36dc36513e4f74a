import { decide } from "../manifest/decide.ts";
import { ownKeys } from "../manifest/own-keys.ts";
import type { InstalledFile } from "../state/installed-files.ts";
import type { KeptManifest } from "../state/kept-manifests.ts";
import type { LatestVersion } from "../state/latest-versions.ts";

/** Why a file that a fleet's manifest names is what it is. */
export type FleetFile = {
  path: string;
  fleet: string;
  serial: number;
  /** The SHA-256 of what the manifest asks this device for. */
  sha256: string;
  /**
   * `in-place`, as far as is recorded; `waiting`: to be delivered; `left`: the device has left the fleet, and is not brought it; `own-key`, `other-fleet`, `newer`: something else counts there; else the
   * state of what cannot be had, with its `reason`.
   */
  why: string;
  reason?: string;
  /** It is the version before: this device is outside the part of the fleet that gets the new one. */
  heldBack?: true;
};

/** What the manifests that are kept say of each file. */
export function fleetFiles(
  kept: ReadonlyMap<string, KeptManifest>,
  installed: ReadonlyMap<string, InstalledFile>,
  latest: ReadonlyMap<string, LatestVersion>,
): FleetFile[] {
  const all = [...kept.values()];
  const device = all.find(({ progress }) => progress !== undefined)?.progress?.device ?? "";
  const latestOf = (key: string) => latest.get(key);
  // Whether a variable is there, the disk tells only of fleets that were left.
  const manifests = all.map(({ manifest, progress }) => {
    const left = progress?.left === true;
    return { manifest, left, withdrawn: left };
  });
  const asked = decide(manifests, device, {
    ...{ latestOf, hasOwnKey: ownKeys(device, [], latestOf, installed) },
    installedAt: (path) => installed.get(path),
  });
  // By what is recorded of a key: where its path really goes, by symbolic links, is not known here.
  const there = new Set([...installed.values()].map(({ name, sha256 }) => `${sha256} ${name}`));
  return asked.map(({ fleet, path, key, wanted, authority, isHeldBack }) => {
    const { manifest, progress } = kept.get(fleet) ?? {};
    const { sha256 } = wanted;
    const found = progress?.exceptions.find((each) => each.path === path && each.sha256 === sha256);
    const isThere = there.has(`${sha256} ${key}`);
    const isKept = isHeldBack && found?.state === "discarded"; // [NF-11.9]
    const isLeft = progress?.left === true;
    const ofRest = isLeft ? "left" : isKept ? "held-back" : (found?.state ?? "waiting");
    const state = isThere ? "in-place" : ofRest;
    return {
      ...{ path, fleet, serial: manifest?.serial ?? 0, sha256 },
      why: authority === "manifest" ? state : authority,
      ...(authority === "manifest" && !isThere && !isLeft && found && { reason: found.reason }),
      ...(isHeldBack && { heldBack: true as const }),
    };
  });
}

/** A sentence for people. */
export function sentenceOfFleetFile({ fleet, serial, why, reason, heldBack }: FleetFile): string {
  return `manifest ${serial} of ${fleet}: ${WHY.get(why) ?? `${why}, ${reason ?? ""}`}${heldBack ? "; it asks for the version before, since the new one is for a part of the fleet yet" : ""}`;
}

const WHY: ReadonlyMap<string, string> = new Map([
  ["in-place", "as it says"],
  ["waiting", "to be delivered"],
  ["left", "not brought: the device has left this fleet, and keeps what it had of it"],
  ["own-key", "a key of the device's own counts here, until it is gone"],
  ["other-fleet", "the manifest of another fleet counts here"],
  ["newer", "a Note brought a newer version"],
]);
