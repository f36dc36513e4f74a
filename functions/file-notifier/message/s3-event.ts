import * as v from "valibot";
import { KEY_MAX_BYTES } from "../../../protocol/limits.ts";
import { SEQUENCER } from "./sequencer.ts";

/**
 * Major version 2: Amazon adds members in minor versions, and changes meanings in major ones.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
const S3Record = v.object({
  eventVersion: v.pipe(v.string(), v.regex(/^2\.[0-9]{1,4}$/)),
  eventName: v.string(),
});

const ChangedObject = v.object({
  bucket: v.object({ name: v.pipe(v.string(), v.regex(/^[0-9a-zA-Z][0-9a-zA-Z._-]{1,62}$/)) }),
  object: v.object({
    key: v.pipe(v.string(), v.nonEmpty()),
    size: v.optional(v.pipe(v.number(), v.minValue(0))),
    versionId: v.optional(v.nullable(v.pipe(v.string(), v.nonEmpty(), v.maxLength(1024)))),
    sequencer: v.pipe(v.string(), v.regex(SEQUENCER)),
  }),
});

/**
 * A change of a key, which is a reason to look at what the key holds now. [NF-8.6]
 * `added`: the version that the key held then, undefined after a delete marker, and its bytes. `removed`: some version went, the newest or an old one;
 * a version that `expired` was an old one: the newest gets a delete marker.
 */
export type KeyChange = { bucket: string; key: string; sequencer: string } & (
  | { kind: "added"; versionId: string | undefined; size?: number | undefined }
  | { kind: "removed"; expired: boolean }
);

export type S3RecordReading =
  | { kind: "changed"; change: KeyChange }
  | { kind: "ignored"; why: string }
  | { kind: "unreadable"; reason: string };

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html */
const EVENT = /^(?:ObjectCreated:.*|(?:ObjectRemoved|LifecycleExpiration):(?:Delete|DeleteMarkerCreated))$/;

/** Reads one record of an S3 event notification. Only created and removed objects matter; nothing is thrown. */
export function readS3Record(record: unknown): S3RecordReading {
  const envelope = v.safeParse(S3Record, record);
  if (!envelope.success) return unreadable("not a record of an S3 event of version 2", envelope.issues[0]);
  const { eventName } = envelope.output;
  if (!EVENT.test(eventName)) return { kind: "ignored", why: `event ${eventName}` };
  const parsed = v.safeParse(v.object({ s3: ChangedObject }), record);
  if (!parsed.success) return unreadable("a changed object lacks a member", parsed.issues[0]);
  const { bucket, object } = parsed.output.s3;
  const key = decodeKey(object.key);
  if (key === undefined) return { kind: "unreadable", reason: "the key is not percent-encoded UTF-8" };
  if (Buffer.byteLength(key) > KEY_MAX_BYTES) return { kind: "unreadable", reason: "the key is too long" };
  const { sequencer, size } = object;
  const at = { bucket: bucket.name, key, sequencer };
  if (eventName.endsWith(":Delete"))
    return {
      kind: "changed",
      change: { ...at, kind: "removed", expired: eventName.startsWith("LifecycleExpiration:") },
    };
  const versionId = eventName.startsWith("ObjectCreated:") ? (object.versionId ?? "null") : undefined;
  return { kind: "changed", change: { ...at, kind: "added", versionId, size } };
}

/** Decodes a key as events carry it: form-encoded, so `+` is a space. Undefined if that cannot be. */
export function decodeKey(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

function unreadable(sentence: string, issue: v.BaseIssue<unknown>): S3RecordReading {
  return { kind: "unreadable", reason: `${sentence}: ${v.getDotPath(issue) ?? "itself"}` };
}
