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
      /** Bytes of the patch that rides in the Note. */
      payload: number | undefined;
      /** An earlier attempt's Note was still queued: its POST had been accepted. */
      foundQueued: boolean;
    }
  /** The device was told that its key is gone. */
  | { message: "gone"; key: string; device: string; foundQueued: boolean }
  | { message: "fanned-out"; key: string; fleet: string; devices: number; versionId: string }
  /** What there is of a version besides the whole file: bytes of a frame, of patches, and of the one that rides in the Note. */
  | {
      message: "packed";
      key: string;
      size: number;
      zstd: number | undefined;
      patches: number[];
      payload: number | undefined;
      /** False where an earlier attempt was found that did not end. */
      made: boolean;
      milliseconds: number;
    }
  /** The version is announced with what there was by then. */
  | { message: "packing-failed"; key: string; reason: string; detail: string }
  /** Told once in the life of an environment. */
  | { message: "payload-refused"; key: string; detail: string }
  /** A fleet was told what its devices should have. Bytes of the manifest, its step and its frame. */
  | {
      message: "manifest-announced";
      fleet: string;
      serial: number;
      files: number;
      size: number;
      step: number | undefined;
      zstd: number | undefined;
      /** The variable was read after it was set: an earlier request was in doubt. */
      checked: boolean;
    }
  /** Readers that know no manifest are not told of a file: its address is too long for one of them. [NF-13.4] */
  | { message: "not-for-others"; key: string; target: string; reason: string }
  /** A job that is overtaken stays: AWS IoT refuses to cancel it. Our agent does not follow it. */
  | { message: "job-not-cancelled"; target: string; job: string; detail: string }
  /** A page of the bucket was compared with the states of fleets. */
  | { message: "swept"; prefix: string; keys: number; differing: number }
  /** Its files are told by Notes: nothing of it is told by a variable any more. */
  | { message: "variable-removed"; fleet: string }
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
