import type { Stats } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Announcement } from "../../protocol/announcement.ts";
import { chunkCount } from "../../protocol/chunk.ts";
import type { Emit } from "../events/delivery-event.ts";
import { InstallFailed, onDisk } from "../install/install-failed.ts";
import type { Installer } from "../install/installer.ts";
import { FetchFailed } from "../link/fetch-failed.ts";
import type { Link } from "../link/link.ts";
import type { PartialFile, PartialFiles } from "../state/partial-files.ts";
import type { Placing } from "../trial/put-in-place.ts";
import { pauseMs, REMEDIES, type Remedy, type RetryPolicy } from "./retry-policy.ts";
import type { UnwrittenChunks } from "./unwritten-chunks.ts";

export type Deliverer = {
  link: Link;
  installer: Installer;
  placing: Placing;
  partials: PartialFiles;
  unwritten: UnwrittenChunks;
  emit: Emit;
  policy: RetryPolicy;
  signal: AbortSignal;
};

/** How a delivery ended. `bytes` and `requests` are what it cost. */
export type Outcome = { bytes: number; requests: number; seconds: number } & (
  | { state: "installed" }
  | { state: "failed"; reason: string; detail: string; remedy: Exclude<Remedy, "retry"> }
);

/** What a delivery has cost so far. */
type Cost = { bytes: number; requests: number };

/**
 * Fetches a version and puts it in its place: the old file stays until the new one is whole and verified. [NF-9.1]
 *
 * @throws {LinkDown} or the signal's reason; what was fetched is kept, and the next delivery of this version goes on from there.
 */
export async function deliver(
  deliverer: Deliverer,
  announcement: Announcement,
  path: string,
): Promise<Outcome> {
  const begin = performance.now();
  const cost: Cost = { bytes: 0, requests: 0 };
  const ended = () => ({ ...cost, seconds: (performance.now() - begin) / 1000 });
  try {
    await fetchAndInstall(deliverer, announcement, path, cost);
    return { state: "installed", ...ended() };
  } catch (error) {
    if (!(error instanceof FetchFailed || error instanceof InstallFailed)) throw error;
    const remedy = REMEDIES[error.reason];
    // Out of patience, and no wiser: the same again, much later.
    const final = remedy === "retry" ? "rest" : remedy;
    // Where even that fails, it is swept when nothing else is to do.
    if (final !== "rest") await deliverer.partials.remove(path).catch(() => undefined);
    return { state: "failed", reason: error.reason, detail: error.message, remedy: final, ...ended() };
  }
}

async function fetchAndInstall(deliverer: Deliverer, announcement: Announcement, path: string, cost: Cost) {
  const { installer, placing, partials, emit, signal } = deliverer;
  const { name, size } = announcement;
  const partial = await onDisk(partials.open(path, announcement));
  try {
    const claims = async (existing?: Stats) => [partial.claim(), ...(await placing.claims(path, existing))];
    await installer.check(path, size, claims);
    if (partial.bytes() > 0) emit({ event: "resumed", name, bytes: partial.bytes(), size });
    if (partial.bytes() < size) await fetchRest(deliverer, announcement, path, partial, cost); // [NF-3.6]
    await onDisk(placing.putInPlace(announcement, path, partial.content(), signal));
  } finally {
    await partial.close();
  }
  // It is in its place: a download that cannot be removed is swept when nothing else is to do.
  await partials.remove(path).catch(() => undefined);
}

async function fetchRest(
  deliverer: Deliverer,
  announcement: Announcement,
  path: string,
  partial: PartialFile,
  cost: Cost,
) {
  const { link, unwritten, emit, signal } = deliverer;
  const { name, size } = announcement;
  const save = async (bytes: Buffer) => {
    const offset = partial.bytes();
    try {
      await onDisk(partial.append(bytes));
    } catch (error) {
      unwritten.keep(path, announcement, offset, bytes);
      throw error;
    }
    const [chunk, totalChunks] = [partial.bytes(), size].map((reached) =>
      chunkCount(reached, link.chunkBytes()),
    );
    emit({
      event: "chunk",
      name,
      chunk: chunk ?? 1,
      totalChunks: totalChunks ?? 1,
      bytes: partial.bytes(),
      size,
    });
  };
  const paid = unwritten.take(path, announcement, partial.bytes());
  if (paid !== undefined) await save(paid);
  if (partial.bytes() === size) return;
  await link.raise(signal, (detail) => emit({ event: "connecting", name, detail }));
  try {
    while (partial.bytes() < size) {
      signal.throwIfAborted();
      const bytes = await fetchPatiently(deliverer, announcement, partial.bytes(), cost);
      cost.bytes += bytes.length;
      await save(bytes);
    }
  } finally {
    await link.lower();
  }
}

/** One fetch, tried again while that may help. */
async function fetchPatiently(deliverer: Deliverer, announcement: Announcement, offset: number, cost: Cost) {
  const { link, emit, policy, signal } = deliverer;
  const { name, etag, size } = announcement;
  for (let failures = 1; ; failures += 1) {
    try {
      cost.requests += 1;
      const bytes = await link.fetch({ key: name, etag, size }, offset);
      if (bytes.length > 0 && bytes.length <= size - offset) return bytes;
      throw new FetchFailed("damaged", "the link gave no bytes, or more than there are");
    } catch (error) {
      if (!(error instanceof FetchFailed)) throw error;
      if (REMEDIES[error.reason] !== "retry" || failures >= policy.attempts) throw error;
      const pause = pauseMs(policy, failures, error.retryAfter, Math.random());
      const { reason, message: detail } = error;
      emit({ event: "retrying", name, reason, detail, attempt: failures, seconds: pause / 1000 });
      await sleep(pause, undefined, { signal });
    }
  }
}
