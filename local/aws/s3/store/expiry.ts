import { setImmediate as nextTurn } from "node:timers/promises";
import type { Bucket } from "./buckets.ts";
import { expiredVersions, isPast, type LifecycleRule } from "./lifecycle.ts";
import { at, type ListPosition } from "./list-position.ts";
import type { ObjectChanges } from "./object-changes.ts";
import type { ObjectVersion } from "./object-version.ts";
import type { Store } from "./store.ts";
import type { Upload } from "./uploads.ts";

const ROUND_MS = 3_600_000;
const BATCH = 500;
/** As S3 tells it in the event. */
const ORIGIN = { requestId: "", principalId: "s3.amazonaws.com", remoteAddress: "s3.amazonaws.com" };

/**
 * Carries out the lifecycle rules of all buckets, at the start and then hourly. S3 itself may be a day or two late.
 *
 * @returns a function that stops it.
 */
export function startExpiry(
  store: Store,
  changes: ObjectChanges,
  now: () => number,
  report: (fault: unknown) => void,
): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  async function round(): Promise<void> {
    for (const bucket of store.buckets.list()) {
      const rules = bucket.settings.lifecycle.filter(({ enabled }) => enabled);
      if (rules.length === 0) continue;
      await expireVersions(bucket, rules);
      await abortUploads(bucket, rules);
    }
  }

  async function expireVersions({ name }: Bucket, rules: readonly LifecycleRule[]): Promise<void> {
    for await (const versions of versionsByKey(store, name)) {
      if (stopped) return;
      const key = versions[0]?.key ?? "";
      const matching = rules.filter(({ prefix }) => key.startsWith(prefix));
      const expired = new Set(matching.flatMap((rule) => expiredVersions(rule, versions, now())));
      await Promise.all([...expired].map((version) => expire(version)));
    }
  }

  /** Expires a version unless it was overwritten, deleted or restored in the meantime: the new one has not expired. */
  async function expire({ bucket, key, versionId, sequence, latest, deleteMarker }: ObjectVersion) {
    const goesForGood = !latest || deleteMarker;
    await changes.delete({
      ...{ bucket, key, origin: ORIGIN, cause: "LifecycleExpiration" },
      ...(goesForGood ? { versionId } : {}),
      unless: (current) => (current?.sequence === sequence) !== latest,
    });
  }

  async function abortUploads({ name }: Bucket, rules: readonly LifecycleRule[]): Promise<void> {
    const isStale = ({ key, created }: Upload) =>
      rules.some(
        ({ prefix, abortUploadsAfterDays: days }) =>
          days !== undefined && key.startsWith(prefix) && isPast(created, days, now()),
      );
    for (let position = at(Buffer.alloc(0)); ; ) {
      const page = [...take(store.uploads.list(name, "", position), BATCH)];
      for (const { id } of page.filter(isStale)) {
        if (stopped) return;
        store.blobs.discard(await store.database.transaction(() => store.uploads.delete(id)));
      }
      const last = page.at(-1);
      if (last === undefined || page.length < BATCH) return;
      position = { key: Buffer.from(last.key), below: -last.sequence };
      await nextTurn();
    }
  }

  function start(): void {
    running = running.then(round).catch(report);
  }

  start();
  const timer = setInterval(start, ROUND_MS);
  timer.unref();
  return async () => {
    stopped = true;
    clearInterval(timer);
    await running;
  };
}

function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const item of items) {
    yield item;
    left--;
    if (left === 0) return;
  }
}

/** All versions of a bucket, those of one key at a time, newest first. */
async function* versionsByKey({ objects }: Store, bucket: string): AsyncGenerator<ObjectVersion[]> {
  let position: ListPosition = at(Buffer.alloc(0));
  let ofKey: ObjectVersion[] = [];
  for (;;) {
    const page = [...take(objects.listVersions(bucket, "", position), BATCH)];
    for (const version of page) {
      if (ofKey.length > 0 && ofKey[0]?.key !== version.key) {
        yield ofKey;
        ofKey = [];
      }
      ofKey.push(version);
      position = { key: Buffer.from(version.key), below: version.sequence };
    }
    if (page.length < BATCH) break;
    await nextTurn(); // a large bucket must not hold up requests
  }
  if (ofKey.length > 0) yield ofKey;
}
