import { type Announced, withAnnounced } from "./announced.ts";
import type { Delivery } from "./delivery-state.ts";
import { isAsItSays, type KnownManifest } from "./device-manifest.ts";
import { ownKey } from "./manifest.ts";
import { isFailure } from "./over.ts";
import { isSameContent } from "./placed.ts";
import { isLater } from "./report-order.ts";
import { isPrivateKey } from "./target.ts";

/** A fleet's word about one path: what the fleet was told of last, and what the device said last of the fleet's manifest. */
export type FleetWord = { fleet: string; told: Announced | undefined; said: KnownManifest | undefined };

/**
 * With what a fleet says of a file that failed; the same object where that is nothing new. The devices have no row for each version that a
 * manifest names: that of a version which failed is taken from the fleet's.
 */
export function withFleetWord(delivery: Delivery, { fleet, told, said }: FleetWord): Delivery {
  const { reported, path } = delivery;
  if (reported === undefined || !isFailure(reported) || !isOf(reported.key, path, fleet, told))
    return delivery;
  const isTold = told?.key === reported.key && isSameContent(told.sha256, reported.sha256);
  const known = isTold ? withAnnounced(delivery, forDevice(told)) : delivery;
  if (said === undefined || !isLater(said, reported) || !isLater(said, known.over)) return known;
  if (!ends(reported, path, told, said)) return known;
  const { n, ahead, serial, at } = said;
  return { ...known, over: { n, ahead, fleet, serial, at } };
}

/** A program that stopped has its file where the manifest wants it: only another version ends that. */
function ends(
  { state, sha256 }: NonNullable<Delivery["reported"]>,
  path: string,
  told: Announced | undefined,
  said: KnownManifest,
): boolean {
  if (isAsItSays(said, path) !== true) return false;
  if (state !== "stopped") return true;
  return told?.serial !== undefined && !isSameContent(told.sha256, sha256) && said.serial >= told.serial;
}

/** A key that names nobody is the fleet's where the fleet was told of it. */
function isOf(key: string, path: string, fleet: string, told: Announced | undefined): boolean {
  return key === ownKey(fleet, path) || (!isPrivateKey(key) && told?.key === key);
}

/** The serial is the fleet's: it says nothing of a version that a device hears of by a Note. */
function forDevice({ serial: _fleets, ...announced }: Announced): Announced {
  return announced;
}
