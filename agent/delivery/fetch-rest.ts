import { setTimeout as sleep } from "node:timers/promises";
import { chunkCount } from "../../protocol/chunk.ts";
import { onDisk } from "../install/install-failed.ts";
import { FetchFailed } from "../link/fetch-failed.ts";
import type { Fetchable } from "../link/link.ts";
import type { PartialFile } from "../state/partial-files.ts";
import type { Cost, Delivery } from "./delivery.ts";
import { REMEDIES } from "./failures.ts";
import { pauseMs } from "./retry-policy.ts";
import { AGAINST_WAY } from "./ways.ts";

/** What takes part in fetching something; `name` is what events call it. */
export type Fetching = Pick<Delivery, "note" | "link" | "policy" | "emit" | "signal"> & { name: string };

/** What is asked for; `form` tells the downloads of one content apart. */
export type Wanted = { what: Fetchable; form: string | undefined };

/** Fetches what a download still lacks. @throws {FetchFailed}, {InstallFailed}, {LinkDown} or the signal's reason. */
export async function fetchRest(
  fetching: Fetching,
  { what, form }: Wanted,
  partial: PartialFile,
  cost: Cost,
): Promise<void> {
  const { name, note, link, emit, signal } = fetching;
  const { size } = what;
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
      const bytes = await fetchPatiently(fetching, what, partial.bytes(), cost);
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
  { name, link, emit, policy, signal }: Omit<Fetching, "note">,
  what: Fetchable,
  offset: number,
  cost: Cost,
): Promise<Buffer> {
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
export async function isServed(
  { name, note, link, emit, signal }: Fetching,
  { what, form }: Wanted,
  cost: Cost,
): Promise<boolean> {
  try {
    await link.raise(signal, (detail) => emit({ event: "connecting", name, detail }));
    cost.requests += 1;
    const bytes = await link.fetch(what, 0);
    cost.bytes += bytes.length;
    note.unwritten = { form, offset: 0, bytes: Buffer.from(bytes) };
    return true;
  } catch (error) {
    if (!(error instanceof FetchFailed)) throw error;
    return AGAINST_WAY.has(error.reason);
  } finally {
    await link.lower();
  }
}
