import * as v from "valibot";
import { ERROR_STATUS, type ErrorCode, errorCodeOf } from "../../protocol/errors.ts";

/**
 * Why a fetch gave no bytes.
 * `file-changed`, `file-not-found`: the server no longer has this version. Only the file-server's own word says so.
 * `busy`: the server or the platform asks to come again later. `offline`: there is no way to the server at present.
 * `damaged`: the reply is not the chunk that was asked for. `timeout`: no reply came in time.
 * `too-big`: the reply is more than the link can carry; fewer bytes may do.
 * `route`: there is no such route, or what answers at its end is not the file-server, such as a sign-in page or a proxy.
 * `unauthorized`, `mode`: something is set up wrongly, and only a person can help, as with most of `route`.
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

/** What the file-server's own word means. */
const BY_CODE: Readonly<Record<ErrorCode, FetchFailure>> = {
  "bad-request": "rejected",
  unauthorized: "unauthorized",
  "file-not-found": "file-not-found",
  "no-such-door": "route",
  method: "rejected",
  "file-changed": "file-changed",
  "too-big": "too-big",
  "out-of-range": "wrong-size",
  "slow-down": "busy",
  "try-again": "busy",
};

/** What a status means by whomever it was said, Lambda for instance. Of a file no stranger knows anything. [NF-6.4] */
const BY_STATUS: Readonly<Record<number, FetchFailure>> = {
  401: "unauthorized",
  403: "unauthorized",
  408: "timeout",
  413: "too-big",
  429: "busy",
};

const RetryBody = v.object({ retry: v.pipe(v.number(), v.finite(), v.minValue(0)) });

/**
 * What a status of 300 or more means, on every link.
 *
 * @param body of the reply; it may name seconds in `retry` [NF-6.2]
 */
export function failureOfStatus(status: number, body: unknown): FetchFailed {
  const code = errorCodeOf(body);
  if (code !== undefined && ERROR_STATUS[code] === status) {
    return new FetchFailed(BY_CODE[code], `the server answered ${status} {${code}}`, retryOf(body));
  }
  const reason = BY_STATUS[status] ?? (status >= 500 ? "busy" : "route");
  const stranger = reason === "route" ? ", not in the file-server's words: is its URL the right one?" : "";
  return new FetchFailed(reason, `what the route leads to answered ${status}${stranger}`, retryOf(body));
}

function retryOf(body: unknown): { retryAfter: number | undefined } {
  const parsed = v.safeParse(RetryBody, body);
  return { retryAfter: parsed.success ? parsed.output.retry : undefined };
}
