import { type Announced, isWithdrawn, withAnnounced } from "../../../protocol/announced.ts";
import { type Delivery, withReported } from "../../../protocol/delivery-state.ts";
import { isAsItSays, type KnownManifest } from "../../../protocol/device-manifest.ts";
import type { Manifest, ManifestFile, ManifestVersion } from "../../../protocol/manifest.ts";
import { exceptionsIn, type FoundException } from "../../../protocol/manifest-exceptions.ts";
import { manifestForDevice } from "../../../protocol/manifest-for-device.ts";
import { newestIn } from "../../../protocol/placed.ts";
import { isLater } from "../../../protocol/report-order.ts";
import { isDeviceKey } from "../../../protocol/target.ts";
import { unlistedText } from "./exceptions.ts";

/** What a fleet was told, and what one of its devices said of it. */
export type FleetFacts = {
  /** The manifest that was announced last, and when, in milliseconds since the epoch. */
  current: Manifest;
  announcedAt: number;
  /** What the device said last. */
  said: KnownManifest | undefined;
  /** The manifest that it said that of; undefined if that is not kept any more. */
  theirs: Manifest | undefined;
};

/** A file of a device as it is known with what manifests say. */
export type FileByManifest = {
  delivery: Delivery;
  /** What the manifest that it brought itself to asked of it. */
  brought?: ManifestVersion | undefined;
  /** Whether the device is in the part of the fleet that gets the newest version; undefined where that is all of it. */
  share?: "in" | "out" | undefined;
  /** What the device said that it has no receipt for, where nothing else is known of that version. */
  exception?: (Pick<FoundException, "reason" | "ended"> & { state: string; at: number }) | undefined;
  /** Where the device's receipt has no room for all that is not as the manifest says, and does not name this file: what it may be. */
  unlisted?: string | undefined;
  /** The fleet, where the device has left it. */
  left?: string | undefined;
};

/**
 * A file of one device of a fleet, by all that is known: a delivery that succeeds for a manifest has no receipt of its own, and no device has
 * a row for what its fleet was told. Undefined if the manifest asks nothing of the device there, or a key of its own does. [NF-11.10]
 *
 * @param known what the table has of that path
 */
export function fileByManifest(
  device: string,
  file: ManifestFile,
  known: Delivery | undefined,
  facts: FleetFacts,
): FileByManifest | undefined {
  const [asked] = manifestForDevice({ files: [file] }, device);
  if (asked === undefined || (known !== undefined && isItsOwn(known))) return undefined;
  const { path, key } = file;
  const { wanted, isHeldBack } = asked;
  const { current, announcedAt, said, theirs } = facts;
  const { version: versionId, sha256, size } = wanted;
  const told: Announced = {
    ...{ key, versionId, sha256, size, etag: "", at: announcedAt },
    seq: isHeldBack ? undefined : file.seq,
  };
  const before = withoutOwn(known ?? { device, path });
  const delivery = isHeldBack ? { ...before, announced: told } : withAnnounced(before, told);
  const had = theirs?.files.find((each) => each.path === path);
  const [theirWanted] = had === undefined ? [] : manifestForDevice({ files: [had] }, device);
  const share = file.share === undefined ? undefined : isHeldBack ? ("out" as const) : ("in" as const);
  if (said === undefined) return { delivery, share };
  const content = theirWanted?.wanted.sha256;
  const isOfThis = said.serial === current.serial || content === sha256;
  return {
    delivery:
      content !== undefined && isAsItSays(said, path) === true
        ? withContent(delivery, key, content, said)
        : delivery,
    brought: theirWanted?.wanted,
    share,
    exception: isOfThis ? exceptionOf(said, path, delivery) : undefined,
    unlisted: isOfThis && isAsItSays(said, path) === undefined ? unlistedText(said) : undefined,
  };
}

/** As if the device had sent a receipt. One that says more of the same content, as that its program stopped, stays. */
function withContent(delivery: Delivery, key: string, sha256: string, said: KnownManifest): Delivery {
  const { n, ahead, at } = said;
  const { reported } = delivery;
  if (reported?.sha256 === sha256 && reported.state === "stopped") {
    const placing = { n, ahead, at, sha256 };
    return { ...delivery, placed: newestIn(delivery.placed, placing), had: newestIn(delivery.had, placing) };
  }
  return withReported(delivery, { key, n, ahead, sha256, state: "installed", bytes: 0, requests: 0, at });
}

function exceptionOf(said: KnownManifest, path: string, { reported }: Delivery): FileByManifest["exception"] {
  const found = exceptionsIn(said).find((listed) => listed.path === path);
  if (found === undefined || !isLater(said, reported)) return undefined;
  const { state, reason, ended } = found;
  return { state, reason, ended, at: said.at };
}

/** What was told of a key of the device's own that is gone says nothing of the fleet's. */
function withoutOwn(known: Delivery): Delivery {
  const { announced } = known;
  return announced !== undefined && isDeviceKey(announced.key) ? { ...known, announced: undefined } : known;
}

/** A path under a key of the device's own belongs to that until it is gone. [NF-11.10] */
function isItsOwn(known: Delivery): boolean {
  const key = known.announced?.key ?? known.reported?.key;
  return key !== undefined && isDeviceKey(key) && !isWithdrawn(known);
}
