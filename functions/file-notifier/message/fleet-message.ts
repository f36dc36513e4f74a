import * as v from "valibot";
import { KEY_MAX_BYTES } from "../../../protocol/limits.ts";
import { isManifestOwner } from "../../../protocol/target.ts";
import { isVersionId } from "../../../protocol/version-id.ts";

/** Of a fleet, or of an AWS IoT thing or thing group. */
const OwnerUid = v.pipe(v.string(), v.check(isManifestOwner));
const Bucket = v.pipe(v.string(), v.regex(/^[0-9a-zA-Z][0-9a-zA-Z._-]{1,62}$/));
const Key = v.pipe(v.string(), v.nonEmpty(), v.maxBytes(KEY_MAX_BYTES));
const Serial = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A revision of a fleet's state is to be announced; `lacking`: the variable was found without that serial. */
const AnnounceFleet = v.object({
  fleet: OwnerUid,
  revision: v.pipe(v.number(), v.safeInteger()),
  lacking: v.optional(Serial),
});

/** A version is for a part of its fleet, in percent. An operator sends it. [NF-11.8] */
const ShareVersion = v.object({
  bucket: Bucket,
  key: Key,
  versionId: v.pipe(v.string(), v.check(isVersionId)),
  percent: v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(100)),
});

/** A key is to be looked at, without an event of S3. */
const LookAtKey = v.object({ bucket: Bucket, key: Key });

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** One of several passes over the keys of a fleet whose state was begun anew: how many of them differed so far, and in the pass before. */
const FreshPass = v.object({ fleet: OwnerUid, pass: Count, differing: Count, before: v.optional(Count) });

/**
 * The bucket is to be compared with the states of its fleets: keys that begin with `prefix`, from after `after`, at S3's markers. Or, once
 * that is done, what one fleet is told with its state (`variableOf`), and all fleets after one (`fleetsAfter`).
 */
const Sweep = v.object({
  prefix: v.optional(v.string(), ""),
  after: v.optional(v.string()),
  keyMarker: v.optional(v.string()),
  versionIdMarker: v.optional(v.string()),
  variableOf: v.optional(OwnerUid),
  fleetsAfter: v.optional(OwnerUid),
  fresh: v.optional(FreshPass),
});

export type AnnounceFleet = v.InferOutput<typeof AnnounceFleet>;
export type ShareVersion = v.InferOutput<typeof ShareVersion>;
export type LookAtKey = v.InferOutput<typeof LookAtKey>;
export type FreshPass = v.InferOutput<typeof FreshPass>;
export type Sweep = v.InferOutput<typeof Sweep>;

/** What the notifier tells itself, and what an operator and the daily rule tell it, about fleets. */
export type FleetMessage =
  | { kind: "announce-fleet"; ask: AnnounceFleet }
  | { kind: "share"; ask: ShareVersion }
  | { kind: "look"; ask: LookAtKey }
  | { kind: "sweep"; ask: Sweep };

/** The one member that each has, by which they are told apart. */
const MEMBERS = { announceFleet: AnnounceFleet, share: ShareVersion, look: LookAtKey, sweep: Sweep } as const;
const KINDS = { announceFleet: "announce-fleet", share: "share", look: "look", sweep: "sweep" } as const;

type Member = keyof typeof MEMBERS;
const NAMES = Object.keys(MEMBERS) as Member[];

/** Undefined if it is no message of that kind; `unreadable` if it is one that lacks something. */
export function parseFleetMessage(json: unknown): FleetMessage | "unreadable" | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  const name = NAMES.find((each) => Object.hasOwn(json, each));
  if (name === undefined) return undefined;
  const parsed = v.safeParse(MEMBERS[name], Reflect.get(json, name));
  return parsed.success ? ({ kind: KINDS[name], ask: parsed.output } as FleetMessage) : "unreadable";
}

export function formatFleetMessage({ kind, ask }: FleetMessage): string {
  const name = NAMES.find((each) => KINDS[each] === kind) ?? kind;
  return JSON.stringify({ [name]: ask });
}
