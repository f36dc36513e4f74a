import type { Announcement } from "../../protocol/announcement.ts";
import type { Receipt } from "../../protocol/receipt.ts";

/** A Note of the announcement queue. `id` is never another Note's. */
export type QueuedNote = {
  id: string;
  /** Absent if the Note announces nothing that can be read. */
  announcement?: Announcement;
};

/** A version to fetch. `size` is the whole file's, in bytes. */
export type FileVersion = { key: string; etag: string; size: number };

/** The agent's way to the cloud. Every call may throw {LinkDown}. */
export type Link = {
  /** Every queued Note, oldest first; of a queue of thousands the older part. */
  list(): Promise<QueuedNote[]>;
  /** Comes back when the queue may have grown, after `maxMs`, or when `signal` aborts. Costs nothing on the radio. */
  wait(maxMs: number, signal: AbortSignal): Promise<void>;
  /**
   * Bytes of a file from `offset` on: at least one, at most what is left of the file.
   *
   * @throws {FetchFailed}
   */
  fetch(file: FileVersion, offset: number): Promise<Buffer>;
  /** Bytes that one `fetch` gives at most, at present: what progress is counted in. */
  chunkBytes(): number;
  /**
   * Deletes Notes from the old end of the queue while they are settled, and until `signal` aborts; the queue gives up its
   * oldest only.
   *
   * @returns ids of what was deleted.
   */
  discard(settled: ReadonlySet<string>, signal: AbortSignal): Promise<string[]>;
  /**
   * Queues a receipt; it leaves when the device is next connected.
   *
   * @returns false if there is no room for it now; true too for one that would never be taken.
   */
  report(receipt: Receipt): Promise<boolean>;
  /**
   * Before a run of fetches: comes back once there is a connection for them, which may take minutes.
   *
   * @param waiting told once if there is none yet, with what is known about it
   * @throws {FetchFailed} `offline` if there is none in time; the signal's reason.
   */
  raise(signal: AbortSignal, waiting: (detail: string) => void): Promise<void>;
  /** After it. */
  lower(): Promise<void>;
  close(): Promise<void>;
};

/** The way to the Notecard itself is gone, or makes no sense any more: open another link and begin again. */
export class LinkDown extends Error {
  override name = "LinkDown" as const;
}
