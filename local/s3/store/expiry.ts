import type { ObjectChanges } from "./object-changes.ts";
import type { Store } from "./store.ts";

const DAY_MS = 86_400_000;
const ROUND_MS = 3_600_000;
const BATCH = 500;

/**
 * Deletes what lifecycle rules say has expired, at the start and then hourly. S3 itself may be a day or two late.
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
    for (const { name, settings } of store.buckets.list()) {
      for (const { prefix, days } of settings.expirations) await expire(name, prefix, now() - days * DAY_MS);
    }
  }

  async function expire(bucket: string, prefix: string, before: number): Promise<void> {
    while (!stopped) {
      const expired = store.objects.listOlder(bucket, prefix, before, BATCH);
      const origin = { requestId: "", principalId: "s3.amazonaws.com", remoteAddress: "" };
      await Promise.all(
        expired.map(({ key }) => changes.delete({ bucket, key, origin, cause: "LifecycleExpiration" })),
      );
      if (expired.length < BATCH) return;
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
