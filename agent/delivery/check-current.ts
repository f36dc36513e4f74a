import { FetchFailed } from "../link/fetch-failed.ts";
import type { Cost, Delivery } from "./delivery.ts";
import { fetchPatiently } from "./fetch-rest.ts";

/**
 * An empty file needs no fetch. But without a `seq`, its own or that of the version before, it may be an old one that would replace
 * the newest. Asked for a byte of it, the server refuses it if it is not current, and else says that it has no such byte. [NF-2.2]
 */
export async function checkCurrent(delivery: Delivery, cost: Cost): Promise<void> {
  const { announcement, files, path, link, emit, signal } = delivery;
  const before = files.latest.get(announcement.name);
  if (announcement.seq !== undefined && before?.unordered !== true) return;
  if (announcement.version !== undefined) return; // the manifest with the highest serial asks for it [NF-11.10]
  // Where no version was settled and no file is, there is none that this could be older than.
  if (before === undefined && (await files.installer.digest(path).catch(() => undefined)) === undefined)
    return;
  const { name, etag } = announcement;
  await link.raise(signal, (detail) => emit({ event: "connecting", name, detail }));
  try {
    await fetchPatiently({ ...delivery, name }, { key: name, etag, size: 1 }, 0, cost);
  } catch (error) {
    if (error instanceof FetchFailed && error.reason === "wrong-size") return;
    throw error;
  } finally {
    await link.lower();
  }
  throw new FetchFailed("wrong-size", "the server's file is not empty, as announced");
}
