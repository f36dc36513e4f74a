import * as v from "valibot";

/**
 * Why a fetch gave no bytes.
 * `file-changed`, `file-not-found`: the server no longer has this version.
 * `busy`: the server or the platform asks to come again later. `offline`: there is no way to the server at present.
 * `damaged`: the reply is not the chunk that was asked for. `timeout`: no reply came in time.
 * `too-big`: the reply is more than the link can carry; fewer bytes may do.
 * `unauthorized`, `route`, `mode`: something is set up wrongly, and only a person can help.
 * `wrong-size`: the file is not as long as announced. `rejected`: the server, or the link's own device, knows no such request.
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
    options: { cause?: unknown; retryAfter?: number | undefined } = {},
  ) {
    super(sentence, { cause: options.cause });
    this.reason = reason;
    this.retryAfter = options.retryAfter;
  }
}

/** The status alone decides: Lambda's own errors do not have our form. [NF-6.4] */
const BY_STATUS: Readonly<Record<number, FetchFailure>> = {
  401: "unauthorized",
  403: "unauthorized",
  404: "file-not-found",
  408: "timeout",
  412: "file-changed",
  413: "too-big",
  416: "wrong-size",
  429: "busy",
};

const RetryBody = v.object({ retry: v.pipe(v.number(), v.finite(), v.minValue(0)) });

/**
 * What a status of 400 or more means, on every link.
 *
 * @param body of the reply; it may name seconds in `retry` [NF-6.2]
 */
export function failureOfStatus(status: number, body: unknown): FetchFailed {
  const reason = BY_STATUS[status] ?? (status >= 500 ? "busy" : "rejected");
  const parsed = v.safeParse(RetryBody, body);
  const retryAfter = parsed.success ? parsed.output.retry : undefined;
  return new FetchFailed(reason, `the server answered ${status}`, { retryAfter });
}
