import type { Stats } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Announcement } from "../../protocol/announcement.ts";
import { chunkCount } from "../../protocol/chunk.ts";
import type { Emit } from "../events/delivery-event.ts";
import { InstallFailed, onDisk } from "../install/install-failed.ts";
import type { Installer } from "../install/installer.ts";
import { FetchFailed } from "../link/fetch-failed.ts";
import type { Link } from "../link/link.ts";
import type { InstalledFiles } from "../state/installed-files.ts";
import type { LatestVersions } from "../state/latest-versions.ts";
import type { PartialFile, PartialFiles } from "../state/partial-files.ts";
import type { FailedVersions } from "../trial/failed-versions.ts";
import type { Placing } from "../trial/put-in-place.ts";
import type { Outcome } from "./conclude.ts";
import { REMEDIES } from "./failures.ts";
import type { NoteState } from "./note-states.ts";
import { pauseMs, type RetryPolicy } from "./retry-policy.ts";

/** What is on the device: files in their places, downloads under way, and what is known of both. */
export type DeviceFiles = {
  installer: Installer;
  placing: Placing;
  partials: PartialFiles;
  installed: InstalledFiles;
  failed: FailedVersions;
  latest: LatestVersions;
};

/** One version on its way to its path, and all that takes. */
export type Delivery = {
  announcement: Announcement;
  path: string;
  note: Pick<NoteState, "unwritten">;
  files: Pick<DeviceFiles, "installer" | "placing" | "partials" | "latest">;
  link: Link;
  policy: RetryPolicy;
  emit: Emit;
  signal: AbortSignal;
};

/** What a delivery has cost so far. */
type Cost = { bytes: number; requests: number };

/**
 * Fetches a version and puts it in its place: the old file stays until the new one is whole and verified. [NF-9.1]
 *
 * @throws {LinkDown} or the signal's reason. What was fetched is kept, and the next delivery of this version continues there.
 */
export async function deliver(delivery: Delivery): Promise<Outcome> {
  const begin = performance.now();
  const cost: Cost = { bytes: 0, requests: 0 };
  const since = () => (performance.now() - begin) / 1000;
  try {
    await fetchAndInstall(delivery, cost);
    return { state: "installed", ...cost, seconds: since() };
  } catch (error) {
    if (!(error instanceof FetchFailed || error instanceof InstallFailed)) throw error;
    const { state, tryLater } = REMEDIES[error.reason];
    // If even that fails, it is swept once there is nothing else to do.
    if (!tryLater) await delivery.files.partials.remove(delivery.path).catch(() => undefined);
    const end = error instanceof InstallFailed ? error.ended : undefined;
    return {
      state,
      tryLater,
      reason: error.reason,
      detail: error.message,
      ended: end,
      ...cost,
      seconds: since(),
    };
  }
}

async function fetchAndInstall(delivery: Delivery, cost: Cost): Promise<void> {
  const { announcement, path, emit, signal } = delivery;
  const { installer, placing, partials } = delivery.files;
  const { name, size } = announcement;
  const partial = await onDisk(partials.open(path, announcement));
  try {
    const claims = async (existing?: Stats) => [partial.claim(), ...(await placing.claims(path, existing))];
    await installer.check(path, size, claims);
    if (partial.bytes() > 0) emit({ event: "resumed", name, bytes: partial.bytes(), size });
    if (partial.bytes() < size)
      await fetchRest(delivery, partial, cost); // [NF-3.6]
    else if (size === 0) await checkCurrent(delivery, cost);
    await onDisk(placing.putInPlace(announcement, path, partial.content(), signal));
  } finally {
    await partial.close();
  }
  // The file is in its place: a download that cannot be removed is swept once there is nothing else to do.
  await partials.remove(path).catch(() => undefined);
}

async function fetchRest(delivery: Delivery, partial: PartialFile, cost: Cost): Promise<void> {
  const { announcement, note, link, emit, signal } = delivery;
  const { name, size } = announcement;
  const save = async (bytes: Buffer) => {
    const offset = partial.bytes();
    try {
      await onDisk(partial.append(bytes));
    } catch (error) {
      note.unwritten = { offset, bytes: Buffer.from(bytes) };
      throw error;
    }
    const [chunk = 1, totalChunks = 1] = [partial.bytes(), size].map((reached) =>
      chunkCount(reached, link.chunkBytes()),
    );
    emit({ event: "chunk", name, chunk, totalChunks, bytes: partial.bytes(), size });
  };
  const { unwritten } = note;
  note.unwritten = undefined;
  if (unwritten?.offset === partial.bytes()) await save(unwritten.bytes);
  if (partial.bytes() === size) return;
  await link.raise(signal, (detail) => emit({ event: "connecting", name, detail }));
  try {
    while (partial.bytes() < size) {
      signal.throwIfAborted();
      const bytes = await fetchPatiently(delivery, partial.bytes(), cost);
      cost.bytes += bytes.length;
      await save(bytes);
    }
  } finally {
    await link.lower();
  }
}

/**
 * An empty file needs no fetch. But without a `seq`, its own or that of the version before, it may be an old one that would replace
 * the newest. Asked for a byte of it, the server refuses it if it is not current, and else says that it has no such byte. [NF-2.2]
 */
async function checkCurrent(delivery: Delivery, cost: Cost): Promise<void> {
  const { announcement, files, path, link, emit, signal } = delivery;
  const before = files.latest.get(announcement.name);
  if (announcement.seq !== undefined && before?.unordered !== true) return;
  // Where no version was settled and no file is, there is none that this could be older than.
  if (before === undefined && (await files.installer.digest(path).catch(() => undefined)) === undefined)
    return;
  const { name } = announcement;
  await link.raise(signal, (detail) => emit({ event: "connecting", name, detail }));
  try {
    await fetchPatiently({ ...delivery, announcement: { ...announcement, size: 1 } }, 0, cost);
  } catch (error) {
    if (error instanceof FetchFailed && error.reason === "wrong-size") return;
    throw error;
  } finally {
    await link.lower();
  }
  throw new FetchFailed("wrong-size", "the server's file is not empty, as announced");
}

/** One fetch, repeated while that may help. */
async function fetchPatiently(delivery: Delivery, offset: number, cost: Cost): Promise<Buffer> {
  const { link, emit, policy, signal } = delivery;
  const { name, etag, size } = delivery.announcement;
  for (let failures = 1; ; failures += 1) {
    try {
      cost.requests += 1;
      const bytes = await link.fetch({ key: name, etag, size }, offset);
      if (bytes.length > 0 && bytes.length <= size - offset) return bytes;
      throw new FetchFailed("damaged", "the link gave no bytes, or more than there are");
    } catch (error) {
      if (!(error instanceof FetchFailed)) throw error;
      if (!REMEDIES[error.reason].repeat || failures >= policy.attempts) throw error;
      const pause = pauseMs(policy, failures, error.retryAfter, Math.random());
      const { reason, message: detail } = error;
      emit({ event: "retrying", name, reason, detail, attempt: failures, seconds: pause / 1000 });
      await sleep(pause, undefined, { signal });
    }
  }
}
