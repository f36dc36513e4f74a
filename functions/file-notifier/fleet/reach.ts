import {
  addressKey,
  folderOf,
  isFolderMarker,
  manifestOwner,
  parseTarget,
  type Target,
} from "../../../protocol/target.ts";
import type { TellerOf } from "./teller.ts";

/** How fleets hear of files: by one variable for all, by a Note for each device and file, or by both. */
export type FleetAnnouncements = "variable" | "notes" | "both";

/** Whether the target of a UID is told by manifests in this deployment: Notehub's fleets unless by Notes alone, things where AWS IoT is on. */
export type GoesByManifests = (owner: string) => boolean;

export function createGoesByManifests(mode: FleetAnnouncements, tellerOf: TellerOf): GoesByManifests {
  return (owner) => tellerOf(owner) !== undefined && !(mode === "notes" && isFleet(owner));
}

export function isFleet(owner: string): boolean {
  return parseTarget(owner)?.kind === "fleet";
}

/** The target whose manifest a key belongs to; undefined if there is none, or the key is refused. */
export function ownerOf(key: string, defaultTarget: Target | undefined): string | undefined {
  if (isFolderMarker(key)) return undefined;
  try {
    return manifestOwner(addressKey(key, defaultTarget).target);
  } catch {
    return undefined; // it was told when it came
  }
}

/** Where the keys of a fleet are: of that which is the default target, anywhere. */
export function whereKeysAre(fleet: string, defaultTarget: Target | undefined): string {
  if (defaultTarget?.kind === "fleet" && defaultTarget.fleetUid === fleet) return "";
  const target = parseTarget(fleet);
  return target === undefined ? "" : folderOf(target);
}
