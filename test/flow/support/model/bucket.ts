import { createHash } from "node:crypto";

type Version = { versionId: string; bytes: Buffer | undefined };

/** The files bucket: versions of keys, and an event for each change, as S3 has them. */
export type ModelBucket = {
  put(key: string, bytes: Buffer): void;
  /** A delete marker. */
  remove(key: string): void;
  /** Removes one version, or marker, for good; `cause` as in the event's name. */
  removeVersion(key: string, versionId: string, cause: "ObjectRemoved" | "LifecycleExpiration"): void;
  versions(key: string): readonly Version[];
  /** What the key shows; undefined if that is nothing. */
  current(key: string): { versionId: string; bytes: Buffer; etag: string } | undefined;
  find(key: string, versionId: string): Buffer | undefined;
  /** Bodies of event messages that nobody has taken yet. */
  events: string[];
};

export const etagOf = (bytes: Buffer) => createHash("md5").update(bytes).digest("hex");

export function createModelBucket(): ModelBucket {
  const objects = new Map<string, Version[]>();
  const events: string[] = [];
  let changes = 0;

  function tell(eventName: string, key: string, versionId: string): void {
    const sequencer = (0x17_00_00_00_00 + changes * 7).toString(16).toUpperCase().padStart(18, "0");
    const object = { key: encodeURIComponent(key), versionId, sequencer };
    const record = { eventVersion: "2.1", eventName, s3: { bucket: { name: "files" }, object } };
    events.push(JSON.stringify({ Records: [record] }));
  }

  function add(key: string, bytes: Buffer | undefined, eventName: string): void {
    changes += 1;
    const versionId = `v${changes}`;
    objects.set(key, [...(objects.get(key) ?? []), { versionId, bytes }]);
    tell(eventName, key, versionId);
  }

  const versions = (key: string) => objects.get(key) ?? [];
  return {
    events,
    versions,
    put: (key, bytes) => add(key, bytes, "ObjectCreated:Put"),
    remove: (key) => add(key, undefined, "ObjectRemoved:DeleteMarkerCreated"),
    removeVersion(key, versionId, cause) {
      changes += 1;
      objects.set(
        key,
        versions(key).filter((version) => version.versionId !== versionId),
      );
      tell(`${cause}:Delete`, key, versionId);
    },
    current(key) {
      const { versionId, bytes } = versions(key).at(-1) ?? {};
      return versionId === undefined || bytes === undefined
        ? undefined
        : { versionId, bytes, etag: etagOf(bytes) };
    },
    find: (key, versionId) => versions(key).find((version) => version.versionId === versionId)?.bytes,
  };
}
