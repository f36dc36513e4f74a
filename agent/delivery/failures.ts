import type { InstallFailure } from "../install/install-failed.ts";
import type { FetchFailure } from "../link/fetch-failed.ts";

/** Why a version is not installed. `link`: each try broke the link. */
export type FailureReason = FetchFailure | InstallFailure | "link";

/** What a failure leads to. */
export type Remedy = {
  /** The event's name and the receipt's state. */
  state: "discarded" | "refused" | "failed";
  /** Make the same request again, in a while. */
  repeat: boolean;
  /** Begin the whole delivery again, in a long while; until then the Note stays in the queue. */
  tryLater: boolean;
};

/** Once patience is over, much later does as well. */
const REPEAT: Remedy = { state: "failed", repeat: true, tryLater: true };

/** Somebody has to do something first, or a stranger that answers in the server's place has to go. */
const WAIT: Remedy = { state: "failed", repeat: false, tryLater: true };

/** The server itself says that it has gone on to another version: only this announcement is worthless. [NF-2.3] */
const DISCARD: Remedy = { state: "discarded", repeat: false, tryLater: false };

/** Nothing that is announced this way can be installed. */
const REFUSE: Remedy = { state: "refused", repeat: false, tryLater: false };

/** This version is worthless: it is not what was announced, or does not run. */
const FAIL: Remedy = { state: "failed", repeat: false, tryLater: false };

/** From each reason to what is done about it and how it is told. */
export const REMEDIES: Readonly<Record<FailureReason, Remedy>> = {
  "file-changed": DISCARD,
  "file-not-found": DISCARD,
  busy: REPEAT,
  offline: REPEAT,
  damaged: REPEAT,
  timeout: REPEAT,
  "too-big": REPEAT,
  packing: REPEAT, // it ends no delivery: the next way is taken
  unauthorized: WAIT,
  route: WAIT,
  mode: WAIT,
  rejected: WAIT,
  link: WAIT,
  "disk-full": WAIT,
  "read-only": WAIT,
  "no-permission": WAIT,
  "mount-point": WAIT,
  storage: WAIT,
  "wrong-size": FAIL,
  "wrong-hash": FAIL,
  run: FAIL,
  "run-not-restored": FAIL,
  path: REFUSE,
  "symbolic-link": REFUSE,
  "not-a-folder": REFUSE,
  "is-a-folder": REFUSE,
  "not-a-file": REFUSE,
  name: REFUSE,
  reserved: REFUSE,
};
