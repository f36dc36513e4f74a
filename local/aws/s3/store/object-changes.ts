import type { EventName } from "../events/event.ts";
import { type EventOrigin, type EventSubject, eventRecord } from "../events/event-record.ts";
import { wantsEvent } from "../events/notification.ts";
import type { Segment } from "./blobs.ts";
import type { Bucket } from "./buckets.ts";
import { NULL_VERSION, type ObjectProperties, type ObjectVersion } from "./object-version.ts";
import { segmentsOf } from "./objects.ts";
import { newOpaqueId } from "./opaque-id.ts";
import { requireBucket } from "./require-bucket.ts";
import type { Store } from "./store.ts";

/** What a new version holds. `etag` has no quotes. */
export type Content = { size: number; etag: string; segments: Segment[]; properties: ObjectProperties };

export type Put = {
  bucket: string;
  key: string;
  /** Or a function that finds it within the transaction. */
  content: Content | (() => Content);
  event: EventName;
  origin: EventOrigin;
  check?: Check;
};

/** Throws if the current version forbids a change. `undefined`: there is none, or it is a delete marker. */
export type Check = (current: ObjectVersion | undefined) => void;

export type Delete = {
  bucket: string;
  key: string;
  /** The version to delete for good; absent: the object is deleted as the versioning of its bucket has it. */
  versionId?: string | undefined;
  origin: EventOrigin;
  /** How the event names it. */
  cause?: "ObjectRemoved" | "LifecycleExpiration";
  check?: Check;
  /** Nothing is done if this is true of the latest version, which may be a delete marker. */
  unless?: (latest: ObjectVersion | undefined) => boolean;
};

/** `deleteMarker`: one was made or deleted. `versionId`: of the version made or deleted, if the bucket tells them. */
export type Deleted = { deleteMarker: boolean; versionId?: string };

/** The changes of objects: each is one transaction together with the events that tell of it. */
export type ObjectChanges = {
  /** @throws {S3Error} `NoSuchBucket`, and what `check` throws. The content's blobs are then the caller's to discard. */
  put(put: Put): Promise<Content & { versionId: string; modified: number }>;
  /** @throws {S3Error} `NoSuchBucket`, and what `check` throws. */
  delete(request: Delete): Promise<Deleted>;
};

export function createObjectChanges(options: {
  store: Store;
  region: string;
  now: () => number;
  /** Called when events wait in the outbox; absent: nobody delivers any, so none are kept. */
  wake: (() => void) | undefined;
}): ObjectChanges {
  const { store, region, now, wake } = options;

  function record(bucket: Bucket, name: EventName, subject: EventSubject, origin: EventOrigin): void {
    if (wake === undefined) return;
    const wanted = bucket.settings.notifications.filter((each) => wantsEvent(each, name, subject.key));
    for (const { id, targetArn } of wanted) {
      const event = eventRecord(name, { region, time: now(), bucket }, subject, origin);
      event.s3.configurationId = id;
      store.outbox.add(targetArn, subject.key, { Records: [event] });
    }
  }

  /** @returns the version that this one replaces for good. */
  function insert(bucket: Bucket, key: string, content: Content | undefined) {
    const sequence = store.nextSequence();
    const versionId = bucket.versioning === "Enabled" ? newOpaqueId(sequence) : NULL_VERSION;
    const replaced =
      versionId === NULL_VERSION ? store.objects.find(bucket.name, key, NULL_VERSION) : undefined;
    if (replaced !== undefined) store.objects.delete(replaced);
    const version = {
      bucket: bucket.name,
      key,
      sequence,
      versionId,
      deleteMarker: content === undefined,
      modified: now(),
      ...(content ?? DELETE_MARKER),
    };
    store.objects.insert(version);
    return { version, replaced };
  }

  async function committed<T extends { gone: ObjectVersion[] }>(work: () => T): Promise<T> {
    const result = await store.database.transaction(work);
    store.blobs.discard(segmentsOf(result.gone));
    wake?.();
    return result;
  }

  return {
    async put({ key, event, origin, check, ...put }) {
      const { version } = await committed(() => {
        const bucket = requireBucket(store, put.bucket);
        check?.(unlessDeleted(store.objects.find(bucket.name, key)));
        const content = typeof put.content === "function" ? put.content() : put.content;
        const { version, replaced } = insert(bucket, key, content);
        const { size, etag } = content;
        record(bucket, event, { ...version, created: { size, etag } }, origin);
        return { version, gone: replaced === undefined ? [] : [replaced] };
      });
      return version;
    },

    async delete({ key, versionId, origin, cause = "ObjectRemoved", check, unless, ...request }) {
      const { deleted } = await committed((): { deleted: Deleted; gone: ObjectVersion[] } => {
        const bucket = requireBucket(store, request.bucket);
        const latest = store.objects.find(bucket.name, key);
        check?.(unlessDeleted(latest));
        if (unless?.(latest) === true) return { deleted: { deleteMarker: false }, gone: [] };
        if (versionId === undefined && bucket.versioning !== "") {
          const { version, replaced } = insert(bucket, key, undefined);
          record(bucket, `${cause}:DeleteMarkerCreated`, version, origin);
          const deleted = { deleteMarker: true, versionId: version.versionId };
          return { deleted, gone: replaced === undefined ? [] : [replaced] };
        }
        const found = store.objects.find(bucket.name, key, versionId ?? NULL_VERSION);
        if (found !== undefined) {
          store.objects.delete(found);
          record(bucket, `${cause}:Delete`, { ...found, sequence: store.nextSequence() }, origin);
        }
        const deleted = {
          deleteMarker: found?.deleteMarker === true,
          ...(versionId === undefined ? {} : { versionId }),
        };
        return { deleted, gone: found === undefined ? [] : [found] };
      });
      return deleted;
    },
  };
}

const DELETE_MARKER: Content = {
  size: 0,
  etag: "",
  segments: [],
  properties: { headers: {}, metadata: [], tags: [] },
};

function unlessDeleted(version: ObjectVersion | undefined): ObjectVersion | undefined {
  return version?.deleteMarker === true ? undefined : version;
}
