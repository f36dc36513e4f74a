import type { Announcement, Gone } from "../../protocol/announcement.ts";
import type { Inventory } from "../../protocol/inventory.ts";
import type { ManifestReceipt } from "../../protocol/manifest-receipt.ts";
import type { ManifestNotice } from "../../protocol/manifest-variable.ts";
import type { Packed } from "../../protocol/packed.ts";
import type { Receipt } from "../../protocol/receipt.ts";

/** A version that this device is asked for: by a Note, which names its etag, or by a manifest, which names its VersionId. */
export type AskedVersion = Omit<Announcement, "etag"> & {
  etag?: string | undefined;
  version?: string | undefined;
  /** The fleet, thing or thing group whose manifest asks for it. */
  fleet?: string | undefined;
};

/** A Note of the announcement queue. `id` is never another Note's. */
export type QueuedNote = {
  id: string;
  /** Absent if the Note announces nothing that can be read. */
  announcement?: Announcement;
  /** The patch that came beside the announcement. [NF-10.2] */
  payload?: Buffer;
  /** Present if the Note says that a key is gone; it then announces nothing. */
  gone?: Gone;
};

/** A manifest that a fleet of this device announces, or a job [NF-13.3], by the name of the variable that does or would. [NF-11.4] */
export type AnnouncedManifest = { variable: string; notice: ManifestNotice };

/** What a device says of itself. [NF-9.6] [NF-9.8] [NF-11.12] */
export type Report = Receipt | Inventory | ManifestReceipt;

/** A version to fetch, by its etag while that is current, or by its VersionId. `size` is the whole file's, in bytes. */
export type FileVersion = {
  key: string;
  size: number;
  etag?: string | undefined;
  version?: string | undefined;
};

/** Packed content to fetch, a manifest or a step, of `size` bytes. [NF-10.1] [NF-11.6] */
export type PackedContent = { packed: Packed; size: number };

/** What can be fetched. */
export type Fetchable = FileVersion | PackedContent;

/**
 * The agent's way to the cloud: the whole contract, which test/conformance/link holds every kind of link to.
 *
 * A caller makes one call at a time, except that `close` may come at any moment. Each call that can fail rejects with
 * {LinkDown} when the way to the cloud is broken or closed, with the errors it names, and with no other: the error of a
 * socket, a parser or a library is the `cause` of one of ours. A call that has rejected with {LinkDown} may have been carried
 * out. What was listed, fetched or reported stays valid, and the next link goes on from there.
 */
export type Link = {
  /** True if what is missing from `manifests` was withdrawn; false if a link hears of one manifest after the other, and cannot tell. */
  readonly hearsAllManifests: boolean;
  /**
   * Who this device is to the cloud, such as `dev:864475046552567` or `thing:pump`.
   *
   * @throws {LinkDown}
   */
  device(): Promise<string>;
  /**
   * Every announcement that waits, oldest first; of thousands the oldest. What cannot be read is listed without an
   * announcement, so that it can be discarded. The same one has the same id in every list, on later links too.
   *
   * @throws {LinkDown}
   */
  list(): Promise<QueuedNote[]>;
  /**
   * What the fleets of this device announce by their variables, or jobs tell a thing, as far as the device has heard: without news it costs
   * nothing on the radio. What `hearsAllManifests` says tells what it means that one is missing. A device that has no variables announces
   * none, which is no error.
   *
   * @throws {LinkDown}
   */
  manifests(): Promise<AnnouncedManifest[]>;
  /**
   * Returns when there may be more than the last `list` and the last `manifests` gave, even if it came during that call; after `maxMs`; or
   * when `signal` aborts, which is no error. A link that cannot tell returns early. It costs nothing on the radio.
   *
   * @throws {LinkDown}; of a line that breaks meanwhile perhaps only the next call tells.
   */
  wait(maxMs: number, signal: AbortSignal): Promise<void>;
  /**
   * Bytes of a file, or of packed content, from `offset` on, which is within the file: at least one, at most `chunkBytes`, none past its end, and
   * none of another version, as far as the server tells. They are valid until the next `fetch`. To try again is the caller's business.
   *
   * @throws {FetchFailed} for what the server, the platform or the way to them does; {LinkDown}
   */
  fetch(file: Fetchable, offset: number): Promise<Buffer>;
  /**
   * Bytes that the next `fetch` gives at most: what progress is counted in. It may give more of a file whose long key leaves no
   * room for the numbers of small chunks. It never throws.
   */
  chunkBytes(): number;
  /**
   * Deletes announcements from the old end of the queue, until one is not in `settled` or `signal` aborts, which is no
   * error. It deletes nothing that `settled` does not name, even if that looks the same.
   *
   * @param settled ids of any list; those that are not there any more are ignored
   * @returns ids of what was deleted.
   * @throws {LinkDown}; the next list shows what was deleted before.
   */
  discard(settled: ReadonlySet<string>, signal: AbortSignal): Promise<string[]>;
  /**
   * Queues a report, which leaves when the device is next connected. Reports arrive in their order.
   *
   * @returns true once it will leave without this link, or if it would never be taken; false if there is no room at present.
   * @throws {LinkDown}; the report may have been queued all the same.
   */
  report(report: Report): Promise<boolean>;
  /**
   * The time by the clock of the way to the cloud, in seconds since the epoch: a host's own may be years off.
   *
   * @returns undefined while that is not known.
   * @throws {LinkDown}
   */
  now(): Promise<number | undefined>;
  /**
   * Before a run of fetches: returns once there is a connection for them, which may take minutes. Doing it twice is doing it
   * once.
   *
   * @param waiting told once if there is no connection yet, with what is known about it
   * @throws {FetchFailed} `offline` if there is none in time; {LinkDown}; the signal's reason, and then `lower` has still to
   *   be called.
   */
  raise(signal: AbortSignal, waiting: (detail: string) => void): Promise<void>;
  /**
   * After it: what was raised for the fetches is let go. Without a `raise` it does nothing.
   *
   * @throws {LinkDown}
   */
  lower(): Promise<void>;
  /** Ends the link. Whatever waits for it rejects with {LinkDown}, and so does every later call but this one. It never throws. */
  close(): Promise<void>;
};

/** The way to the cloud is broken, or makes no sense any more: close this link, open another and begin again. */
export class LinkDown extends Error {
  override name = "LinkDown" as const;
}

/** Opens links of one kind, one after the other. */
export type Links = {
  /** Where they lead, for people. */
  readonly address: string;
  /**
   * @param signal gives the attempt up
   * @throws {LinkDown} if there is no way at present; the signal's reason.
   */
  open(signal: AbortSignal): Promise<Link>;
  /** Ends what outlives a single link. No link is open any more, nor opened afterwards. */
  stop(): Promise<void>;
};
