import type { Way } from "../../protocol/representation.ts";

/** What happens to a delivery, as standard output tells it. `name` is the announced key. */
export type DeliveryEvent =
  | { event: "announced"; name: string; size: number; sha256: string }
  /** The download continues where an earlier run left it. */
  | { event: "resumed"; name: string; bytes: number; size: number }
  /** The delivery waits for a connection. */
  | { event: "connecting"; name: string; detail: string }
  /** A person asked for a condemned version to be tried again. */
  | { event: "requested"; name: string; path: string; sha256: string }
  /** `bytes` of the `size` that is fetched are safe. */
  | { event: "chunk"; name: string; chunk: number; totalChunks: number; bytes: number; size: number }
  | { event: "retrying"; name: string; reason: string; detail: string; attempt: number; seconds: number }
  /** What came one way could not be had or used: the next is taken. */
  | { event: "fell-back"; name: string; from: Way; to: Way; reason: string; detail: string }
  | { event: "verified"; name: string; sha256: string }
  /** The new file lacks something that the one it replaced had, such as a capability. */
  | { event: "attributes-lost"; name: string; path: string; detail: string }
  /** The agent started the command of the file's rule. */
  | { event: "running"; name: string; path: string; command: string[] }
  /** A program that was kept running ended by itself. `restartSeconds` is absent if it is not started again. */
  | { event: "stopped"; name: string; path: string; reason: string; detail: string; restartSeconds?: number }
  /** The version did not run: the one before is back, or nothing if there was none. */
  | { event: "restored"; name: string; path: string; detail: string }
  /** The disk allows neither to try a version nor to take it back: told once, and tried again later. */
  | { event: "unsettled"; name: string; path: string; detail: string }
  | InstalledEvent
  /** The device has these bytes already. */
  | { event: "unchanged"; name: string; path: string; sha256: string }
  /** The file was to go, and is not there any more. */
  | { event: "removed"; name: string; path: string }
  /** Several files of one rule, all verified, are put in their places together; one start tries them all. */
  | { event: "unit"; match: string; paths: string[] }
  /** Files that are fetched wait for others of their unit that fail for now: told once for each such state. */
  | { event: "unit-waits"; match: string; paths: string[]; lacks: string[] }
  /** The server no longer has this version. */
  | { event: "discarded"; name: string; reason: string }
  /** A newer version took its place. `etag` is undefined where the Note said that the key was gone. */
  | { event: "superseded"; name: string; etag: string | undefined }
  /** The bucket has nothing at this key any more; the file stays. */
  | { event: "gone"; name: string; path: string }
  /** The agent goes by this manifest of a fleet now. It came by \`way\`, in \`bytes\`. [NF-11.10] */
  | {
      event: "manifest";
      fleet: string;
      serial: number;
      files: number;
      way: "step" | "zstd" | "whole";
      bytes: number;
      requests: number;
    }
  /** A manifest that a variable announces could not be had. \`retrySeconds\` is absent if it is none. */
  | { event: "manifest-failed"; variable: string; reason: string; detail: string; retrySeconds?: number }
  /** All that can be done for a manifest at present is done, and said. */
  | {
      event: "brought";
      fleet: string;
      serial: number;
      installed: number;
      unchanged: number;
      removed: number;
      exceptions: number;
    }
  /** The agent will not have it; `name` is empty where the Note names nothing. */
  | { event: "refused"; name: string; reason: string; detail: string }
  /** `retrySeconds` is absent if the agent does not try again. */
  | { event: "failed"; name: string; reason: string; detail: string; retrySeconds?: number };

/**
 * `path` is below the root; `bytes` and `requests` count what this run of the agent fetched. The file has `size` bytes; the content
 * came by `way` in `carried` bytes.
 */
export type InstalledEvent = {
  event: "installed";
  name: string;
  path: string;
  sha256: string;
  seconds: number;
  requests: number;
  bytes: number;
  size: number;
  way: Way;
  carried: number;
};

export type Emit = (event: DeliveryEvent) => void;
