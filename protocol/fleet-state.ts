import * as v from "valibot";
import { Announcement } from "./announcement.ts";
import { MANIFEST_MAX_FILES } from "./limits.ts";
import { Serial } from "./manifest.ts";
import { Salt, Share } from "./share.ts";

const { size, sha256, etag, seq, z, p } = Announcement.entries;
const Time = v.pipe(v.number(), v.finite());
const VersionEntries = { version: v.string(), size, sha256, etag: v.optional(etag), z, p };

/** What a look at a key showed, the content that was read then, and what there is of it. */
export const FleetFile = v.object({
  ...VersionEntries,
  seq,
  /** That it was uploaded in, where several were. [NF-11.8] */
  release: v.optional(Salt),
  /** Absent: the whole fleet. */
  share: v.optional(Share),
  /** The last version that the whole fleet was to have, while there is a share. */
  previous: v.optional(v.object(VersionEntries)),
});

/** A share in percent that a version had or was given; all of the fleet is 100. */
const RememberedShare = v.object({
  percent: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
  previous: v.optional(v.object(VersionEntries)),
});

/** A manifest that was stored: devices may still be on their way to it, or from it. */
const StoredManifest = v.object({
  serial: Serial,
  sha256,
  /** Bytes. */
  size: v.number(),
  /** SHA-256 of the manifest that its step leads from, and the step's bytes. */
  step: v.optional(v.object({ base: sha256, bytes: v.number() })),
  /** Bytes of its zstd frame. */
  zstd: v.optional(v.number()),
  at: Time,
  /** Nobody knows whether devices were told of it. */
  isDoubtful: v.optional(v.literal(true)),
  /** Path of the one file that the job which told of it named to other readers. [NF-13.4] */
  lone: v.optional(v.string()),
});

/**
 * What the cloud knows of one fleet, or AWS IoT thing or thing group, in one object that is written over what was read alone. Times are milliseconds since the epoch.
 * docs/adr/0012-a-fleet-is-one-variable.md
 */
export const FleetState = v.object({
  version: v.literal(1),
  fleet: v.string(),
  /** Grows with each change of what the manifest would say. */
  revision: v.number(),
  /** When the first change came that is not announced yet. */
  changedAt: v.optional(Time),
  /** By key: of two keys for one path, that in the fleet's own folder wins. */
  files: v.pipe(
    v.record(v.string(), FleetFile),
    v.check((files) => Object.keys(files).length <= MANIFEST_MAX_FILES),
  ),
  /** Begun anew, as where the one before was lost, and not seen yet to have all that the bucket holds: what its manifests lack is not to be removed. */
  isPartial: v.optional(v.literal(true)),
  /** By VersionId: who was to get it, should it come back after others, or after none. Of many the last. */
  shares: v.optional(v.record(v.string(), RememberedShare)),
  /** Keys that found no room among the others: looked at again once a file leaves. Of many, some. */
  waiting: v.optional(v.array(v.string())),
  /** The highest that was ever given, announced or not. [NF-11.3] */
  serial: v.optional(Serial),
  /** Who announces now, or died over it. */
  announcing: v.optional(
    v.object({
      claimId: v.string(),
      revision: v.number(),
      serial: Serial,
      expires: Time,
      /** When the claim was made. What changes after that is not in the manifest. */
      at: v.optional(Time),
      /** On record before it is stored, so that whoever finds the claim of a dead one knows what that left. */
      manifest: v.optional(StoredManifest),
    }),
  ),
  /** A request to Notehub may have been carried out, or may still be: the variable is read after the next. */
  isUncertain: v.optional(v.literal(true)),
  announced: v.optional(v.object({ revision: v.number(), serial: Serial, at: Time })),
  /** Newest first: those that devices were told of, or may have been. */
  manifests: v.array(StoredManifest),
});

export type FleetFile = v.InferOutput<typeof FleetFile>;
export type FleetState = v.InferOutput<typeof FleetState>;
export type RememberedShare = v.InferOutput<typeof RememberedShare>;
export type StoredManifest = v.InferOutput<typeof StoredManifest>;

/** Where the state of a fleet is, in the announcements bucket. */
export function fleetStateKey(fleetUid: string): string {
  return `fleets/${fleetUid}.json`;
}

/** Where a hold is: while it lasts, nothing of that fleet is announced. */
export function holdKey(fleetUid: string): string {
  return `holds/${fleetUid}.json`;
}

/** `until` in milliseconds since the epoch: whoever holds renews it, so that what dies holds nothing for long. */
export const Hold = v.object({ until: Time, by: v.optional(v.string()) });
export type Hold = v.InferOutput<typeof Hold>;

/** Longer holds are not believed. */
export const HOLD_MAX_MS = 15 * 60_000;

/** Undefined if it is none of ours. */
export function parseFleetState(text: string): FleetState | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), FleetState), text);
  return parsed.success ? parsed.output : undefined;
}
