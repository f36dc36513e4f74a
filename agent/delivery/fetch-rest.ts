import { setTimeout as sleep } from "node:timers/promises";
import type { OpenWay } from "../../protocol/choose-way.ts";
import { chunkCount } from "../../protocol/chunk.ts";
import { onDisk } from "../install/install-failed.ts";
import { FetchFailed } from "../link/fetch-failed.ts";
import type { Fetchable } from "../link/link.ts";
import type { PartialFile } from "../state/partial-files.ts";
import type { Cost, Delivery } from "./delivery.ts";
import { REMEDIES } from "./failures.ts";
import { pauseMs } from "./retry-policy.ts";
import { AGAINST_WAY, fetchableOf, formOf } from "./ways.ts";

/** Fetches what a download still lacks. @throws {FetchFailed}, {InstallFailed}, {LinkDown} or the signal's reason. */
export async function fetchRest(
  delivery: Delivery,
  way: OpenWay,
  partial: PartialFile,
  cost: Cost,
): Promise<void> {
  const { announcement, note, link, emit, signal } = delivery;
  const { name } = announcement;
  const size = way.bytes;
  const form = formOf(way);
  const save = async (bytes: Buffer) => {
    const offset = partial.bytes();
    try {
      await onDisk(partial.append(bytes));
    } catch (error) {
      note.unwritten = { form, offset, bytes: Buffer.from(bytes) };
      throw error;
    }
    const [chunk = 1, totalChunks = 1] = [partial.bytes(), size].map((reached) =>
      chunkCount(reached, link.chunkBytes()),
    );
    emit({ event: "chunk", name, chunk, totalChunks, bytes: partial.bytes(), size });
  };
  const { unwritten } = note;
  note.unwritten = undefined;
  if (unwritten?.form === form && unwritten?.offset === partial.bytes()) await save(unwritten.bytes);
  if (partial.bytes() === size) return;
  await link.raise(signal, (detail) => emit({ event: "connecting", name, detail }));
  try {
    while (partial.bytes() < size) {
      signal.throwIfAborted();
      const bytes = await fetchPatiently(delivery, fetchableOf(way, announcement), partial.bytes(), cost);
      cost.bytes += bytes.length;
      note.doubts.delete(form);
      await save(bytes);
    }
  } finally {
    await link.lower();
  }
}

/** One fetch, repeated while that may help. */
export async function fetchPatiently(
  delivery: Delivery,
  what: Fetchable,
  offset: number,
  cost: Cost,
): Promise<Buffer> {
  const { announcement, link, emit, policy, signal } = delivery;
  const { name } = announcement;
  const { size } = what;
  for (let failures = 1; ; failures += 1) {
    try {
      cost.requests += 1;
      const bytes = await link.fetch(what, offset);
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

/** Whether one fetch of a way gives bytes, which are kept for it, or the file-server's own word. */
export async function isServed(delivery: Delivery, way: OpenWay, cost: Cost): Promise<boolean> {
  const { announcement, note, link, emit, signal } = delivery;
  const { name } = announcement;
  try {
    await link.raise(signal, (detail) => emit({ event: "connecting", name, detail }));
    cost.requests += 1;
    const bytes = await link.fetch(fetchableOf(way, announcement), 0);
    cost.bytes += bytes.length;
    note.unwritten = { form: formOf(way), offset: 0, bytes: Buffer.from(bytes) };
    return true;
  } catch (error) {
    if (!(error instanceof FetchFailed)) throw error;
    return AGAINST_WAY.has(error.reason);
  } finally {
    await link.lower();
  }
}
