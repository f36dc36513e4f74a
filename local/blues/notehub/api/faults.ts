import type { FaultScope } from "../fault-switch.ts";

/** What can be wrong with Notehub's API. */
export type ApiFault =
  /** Does what was asked after a while, and answers: a client that has given up by then may be overtaken by its own next call. */
  | { kind: "slow"; milliseconds: number }
  /** Does what was asked at once, and answers after a while. */
  | { kind: "late-reply"; milliseconds: number }
  /** Connections are refused, until the fault is cleared. */
  | { kind: "refuse" }
  /** The connection is reset before anything is done. */
  | { kind: "reset" }
  | { kind: "rate-limit"; retryAfterSeconds: number }
  /** Answers this status and does nothing. */
  | { kind: "status"; status: number }
  /** Does nothing, and answers 200 with bytes that are no JSON. */
  | { kind: "garbage" }
  /** Never answers, and does nothing. */
  | { kind: "hang" }
  /** Answers 400 to a Note with a payload, as nobody documents that Notehub does not; what else is asked, it does. */
  | { kind: "refuse-payload" }
  /** Does what was asked, then resets the connection instead of answering. */
  | { kind: "lose-reply" };

export type ApiFaults = {
  /** Replaces the fault in force. Resolves once the new one is. */
  inject(fault: ApiFault, scope?: FaultScope): Promise<void>;
  clear(): Promise<void>;
};
