import type { RefusalReason } from "../../../protocol/key-refused.ts";

/** Everything of interest that happens, as it is logged: one line each, with `message` as the log's message. */
export type NotifierEvent =
  | {
      message: "announced";
      key: string;
      device: string;
      size: number;
      etag: string;
      versionId: string | undefined;
      /** An earlier attempt's Note was still queued: its POST had been accepted. */
      foundQueued: boolean;
    }
  /** The device was told that its key is gone. */
  | { message: "gone"; key: string; device: string; foundQueued: boolean }
  | { message: "fanned-out"; key: string; fleet: string; devices: number; versionId: string }
  | { message: "refused"; key: string; reason: RefusalReason; detail: string }
  | { message: "no-target"; key: string }
  | {
      message: "superseded";
      key: string;
      reason: "newer event known" | "another version current" | "deleted";
      versionId: string | undefined;
      target?: string;
    }
  | { message: "duplicate"; key: string; target: string; versionId: string | undefined }
  | { message: "retrying"; key?: string | undefined; reason: string; detail: string; seconds: number }
  | { message: "dead-lettered"; key?: string | undefined; reason: string }
  /** The delivery table did not take that the file could not be announced. */
  | { message: "not-shown"; key: string; detail: string }
  | { message: "ignored"; reason: string; key?: string }
  | { message: "postpone-failed"; detail: string };
