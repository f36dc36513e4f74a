/**
 * Why a fetch gave no bytes.
 * `file-changed`, `file-not-found`: the server no longer has this version.
 * `busy`: the server or the platform asks to come again later. `offline`: the Notecard reaches no server.
 * `damaged`: a reply that is not the chunk asked for. `timeout`: none in time.
 * `too-big`: a reply that the Notecard cannot hold; fewer bytes may do.
 * `unauthorized`, `route`, `mode`: set up wrongly; only a person can help.
 * `wrong-size`: the file is not as long as announced. `rejected`: the server, or the Notecard, does not know such a request.
 */
export type FetchFailure =
  | "file-changed"
  | "file-not-found"
  | "busy"
  | "offline"
  | "damaged"
  | "timeout"
  | "too-big"
  | "unauthorized"
  | "route"
  | "mode"
  | "wrong-size"
  | "rejected";

/** A fetch that failed, though the link itself is there. */
export class FetchFailed extends Error {
  override name = "FetchFailed" as const;
  readonly reason: FetchFailure;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfter: number | undefined;

  constructor(
    reason: FetchFailure,
    sentence: string,
    options: { cause?: unknown; retryAfter?: number } = {},
  ) {
    super(sentence, { cause: options.cause });
    this.reason = reason;
    this.retryAfter = options.retryAfter;
  }
}
