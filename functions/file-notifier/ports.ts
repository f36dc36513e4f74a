import type { Announced, Unannounced, Withdrawn } from "../../protocol/announced.ts";
import type { Announcement, Gone } from "../../protocol/announcement.ts";
import type { Packed } from "../../protocol/packed.ts";
import type { AnnouncementRecord } from "./announce/decide.ts";
import type { Notice } from "./announce/notice.ts";
import type { DeviceMessage } from "./message/device-message.ts";
import type { StoredVersion } from "./message/file-version.ts";
import type { NotifierEvent } from "./outcome/notifier-event.ts";
import type { Outcome, PackAttempt } from "./pack/attempt.ts";
import type { Content } from "./pack/contents.ts";

/** A file that is open for reading once: read `bytes` to their end, or call `discard`. */
export type OpenFile = {
  /** Bytes. */
  size: number;
  /** Without quotes. */
  etag: string;
  /** In pieces, as they come; throws if they are not `size` in all. */
  bytes: AsyncIterable<Uint8Array>;
  discard(): void;
};

/** The files bucket. */
export type FileStore = {
  /** VersionId of what the key holds now; undefined if that is nothing. */
  currentVersionId(of: { bucket: string; key: string }, signal: AbortSignal): Promise<string | undefined>;
  /** Undefined if the version is gone. */
  open(version: StoredVersion, signal: AbortSignal): Promise<OpenFile | undefined>;
};

/** What is known of the announcements, one record for each target and key. `tag` changes with each write. */
export type RecordStore = {
  /** `record` is undefined where there is none that can be read, `tag` where there is none at all. */
  read(
    targetUid: string,
    key: string,
  ): Promise<{ record: AnnouncementRecord | undefined; tag: string | undefined }>;
  /** Writes over what `read` found, if it is still there; the new tag, or undefined if somebody else wrote first. */
  write(
    targetUid: string,
    key: string,
    record: AnnouncementRecord,
    over: string | undefined,
  ): Promise<string | undefined>;
};

/** How targets are reached. Every call may throw RetryLater or Undeliverable. */
export type Carrier = {
  announce(deviceUid: string, notice: Notice, signal: AbortSignal): Promise<void>;
  /** True if this very announcement still waits for the device. [NF-8.3] */
  isPending(deviceUid: string, announcement: Announcement | Gone, signal: AbortSignal): Promise<boolean>;
  /** False only if Notehub says that the project has no such device. */
  isKnown(deviceUid: string, signal: AbortSignal): Promise<boolean>;
  /** UIDs of all devices of a fleet. */
  members(fleetUid: string, signal: AbortSignal): Promise<string[]>;
};

/** The packed bucket: content in other forms, under names whose meaning never changes. [NF-10.1] */
export type PackedStore = {
  /** Bytes of what is there; undefined if nothing is. */
  size(packed: Packed, signal: AbortSignal): Promise<number | undefined>;
  read(packed: Packed, signal: AbortSignal): Promise<Uint8Array>;
  /** Bytes of what is there then: somebody else's, if that was faster. */
  add(packed: Packed, bytes: Uint8Array, signal: AbortSignal): Promise<number | undefined>;
};

/** What is known of earlier contents of a key, and of attempts to pack one. */
export type PackingRecords = {
  /** Newest first; `tag` is undefined where there is no record yet. */
  readContents(
    key: string,
    signal: AbortSignal,
  ): Promise<{ contents: readonly Content[]; tag: string | undefined }>;
  /** Writes over what was read; false if somebody else wrote first. */
  writeContents(
    key: string,
    contents: readonly Content[],
    over: string | undefined,
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Records that an attempt begins. `ours` is false where there was one before; `outcome` is what came of it, if it ended. */
  begin(
    attempt: PackAttempt,
    signal: AbortSignal,
  ): Promise<{ ours: true } | { ours: false; outcome: Outcome | undefined }>;
  end(attempt: PackAttempt, outcome: Outcome, signal: AbortSignal): Promise<void>;
};

export type Queue = {
  sendToDevices(messages: readonly DeviceMessage[], signal: AbortSignal): Promise<void>;
  /** Hides a message from its receivers for so many seconds. */
  postpone(receiptHandle: string, seconds: number): Promise<void>;
  /** Puts a message into the dead-letter queue. */
  bury(body: string, reason: string): Promise<void>;
};

/** What the operator is shown of each file, and of each device or fleet by its UID. Nothing is written where something newer is. */
export type Deliveries = {
  /** Puts on record what a device was told, or all devices of a fleet are. */
  announced(uid: string, announced: Announced): Promise<void>;
  /** Puts on record what nobody could tell it, and why. */
  notAnnounced(uid: string, unannounced: Unannounced, signal: AbortSignal): Promise<void>;
  /** Puts on record that a key holds nothing: for its target, and for all that were told of it, or were to be. */
  withdrawn(uid: string, withdrawn: Withdrawn, signal: AbortSignal): Promise<void>;
};

/** One receipt of a message. After the last one, SQS puts it among the dead letters. */
export type Attempt = { signal: AbortSignal; isLast: boolean };

/** Tells an event to the log and the metrics. */
export type Report = (event: NotifierEvent) => void;
