import { createHash } from "node:crypto";
import * as v from "valibot";
import { Announcement } from "./announcement.ts";
import { KEY_MAX_BYTES, MANIFEST_MAX_BYTES, MANIFEST_MAX_FILES } from "./limits.ts";
import { checkPath } from "./path.ts";
import { Share } from "./share.ts";
import { shortArray } from "./short-array.ts";
import { addressKey, folderOf, isManifestOwner, manifestOwner, parseTarget } from "./target.ts";
import { isVersionId } from "./version-id.ts";

const { size: Size, sha256: Sha256, seq: Seq, z: ZstdBytes, p: Patches } = Announcement.entries;
const VersionId = v.pipe(v.string(), v.check(isVersionId));
const Path = v.pipe(v.string(), v.maxBytes(KEY_MAX_BYTES), v.check(isPath));
const Key = v.pipe(v.string(), v.nonEmpty(), v.maxBytes(KEY_MAX_BYTES));
const OwnerUid = v.pipe(v.string(), v.check(isManifestOwner));

/** Counts the manifests of a fleet; at least the seconds since 2020 when it was made. [NF-11.3] */
export const Serial = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const Packings = { z: ZstdBytes, p: Patches };

/** `[size, SHA-256, VersionId, what there is of it besides]`: the last version that all devices of the fleet were to have. [NF-11.9] */
const Previous = v.pipe(
  v.array(v.unknown()),
  v.transform(([size, sha256, version, more = {}]) => ({ size, sha256, version, more })),
  v.object({ size: Size, sha256: Sha256, version: VersionId, more: v.object(Packings) }),
  v.transform(({ more, ...version }) => ({ ...version, ...more })),
);

const More = v.object({
  /** The key, where it is not the path below the fleet's own folder. */
  key: v.optional(Key),
  seq: Seq,
  ...Packings,
  share: v.optional(Share),
  previous: v.optional(Previous),
});

/**
 * `[path, size, SHA-256, VersionId, what else there is to say]`. A share that makes no sense makes the entry none: taken for absent, it would
 * give the whole fleet what a part of it was to try. [NF-11.1]
 */
const Entry = v.pipe(
  v.array(v.unknown()),
  v.transform(([path, size, sha256, version, more = {}]) => ({ path, size, sha256, version, more })),
  v.object({ path: Path, size: Size, sha256: Sha256, version: VersionId, more: More }),
  v.transform(({ more, ...version }) => ({ ...version, ...more })),
);

const Wire = v.object({
  fleet: OwnerUid,
  serial: Serial,
  /** What has left the manifest is removed. [NF-11.11] */
  prune: v.fallback(v.optional(v.literal(true)), undefined),
  files: shortArray(Entry, MANIFEST_MAX_FILES),
});

/** One version, and what there is of it besides the whole file. `size` in bytes; a base by the first 8 characters of its SHA-256. */
export type ManifestVersion = {
  size: number;
  sha256: string;
  /** S3's VersionId, by which it is fetched. [NF-3.10] */
  version: string;
  z?: number | undefined;
  p?: [base: string, bytes: number][] | undefined;
};

/** A file that the devices of a fleet should have. */
export type ManifestFile = ManifestVersion & {
  path: string;
  key: string;
  seq?: string | undefined;
  share?: Share | undefined;
  /** What the devices outside the share should have; absent: nothing. */
  previous?: ManifestVersion | undefined;
};

/** Every file that the devices of a fleet should have. [NF-11.1] */
export type Manifest = {
  /** Of a fleet, or of an AWS IoT thing or thing group. [NF-13.1] */
  fleet: string;
  serial: number;
  prune: boolean;
  /** In the order of their paths, each path once. */
  files: readonly ManifestFile[];
};

/**
 * The canonical text: what is not the default, members in one order, files in the order of their paths by UTF-16 code units, no blanks.
 * The same manifest has the same text, and so the same SHA-256. [NF-11.2]
 */
export function formatManifest({ fleet, serial, prune, files }: Manifest): string {
  const entries = files.toSorted(byPath).map((file) => formatEntry(fleet, file));
  return JSON.stringify({ fleet, serial, ...(prune ? { prune } : {}), files: entries });
}

/**
 * Reads a manifest; undefined if it is none. Unknown members are ignored; an entry whose path is not what its key says, and a path that
 * occurs twice, make it none: whoever wrote that cannot be trusted with the rest. [NF-11.1]
 */
export function parseManifest(bytes: Uint8Array): Manifest | undefined {
  if (bytes.length > MANIFEST_MAX_BYTES) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(Wire, json);
  if (!parsed.success) return undefined;
  const { fleet, serial, prune = false, files } = parsed.output;
  const read = files.map((file) => ({ ...file, key: file.key ?? ownKey(fleet, file.path) }));
  const isSound = read.every(({ key, path }) => isKeyOf(key, path, fleet));
  if (!isSound || new Set(read.map(({ path }) => path)).size < read.length) return undefined;
  return { fleet, serial, prune, files: read.toSorted(byPath) };
}

/** Unpadded base64url of the SHA-256 of a manifest's text, by which it is named. [NF-11.2] */
export function manifestDigest(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** 2020-01-01T00:00:00Z. */
const SERIAL_EPOCH_MS = 1_577_836_800_000;

/** One more than the last, and at least the seconds since 2020: what was forgotten is not begun anew. [NF-11.3] */
export function nextSerial(last: number | undefined, nowMs: number): number {
  return Math.max((last ?? 0) + 1, Math.floor((nowMs - SERIAL_EPOCH_MS) / 1000));
}

/** The key of a path in a target's own folder. */
export function ownKey(uid: string, path: string): string {
  const target = parseTarget(uid);
  return `${target === undefined ? `fleets/${uid}/` : folderOf(target)}${path}`;
}

function formatEntry(fleet: string, file: ManifestFile): unknown[] {
  const { path, size, sha256, version, key, seq, z, p, share, previous } = file;
  const more = {
    ...(key === ownKey(fleet, path) ? {} : { key }),
    ...present({ seq, z, p, share, previous: previous && formatPrevious(previous) }),
  };
  return [path, size, sha256, version, ...(Object.keys(more).length > 0 ? [more] : [])];
}

function formatPrevious({ size, sha256, version, z, p }: ManifestVersion): unknown[] {
  const more = present({ z, p });
  return [size, sha256, version, ...(Object.keys(more).length > 0 ? [more] : [])];
}

/** Without the members that are undefined, in the order in which they are given. */
function present(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : Number(a.path > b.path);
}

/** A key of another fleet, or of a device, is no business of this fleet. */
function isKeyOf(key: string, path: string, fleet: string): boolean {
  try {
    const { target, path: its } = addressKey(key);
    return its === path && (target === undefined || manifestOwner(target) === fleet);
  } catch {
    return false;
  }
}

function isPath(path: string): boolean {
  try {
    checkPath(path);
    return true;
  } catch {
    return false;
  }
}
