import * as v from "valibot";

/** The one table from error code to HTTP status. [NF-6.1] */
export const ERROR_STATUS = {
  "bad-request": 400,
  unauthorized: 401,
  "file-not-found": 404,
  "no-such-door": 404,
  method: 405,
  "file-changed": 412,
  "too-big": 413,
  "out-of-range": 416,
  "slow-down": 429,
  "try-again": 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

const CODES = Object.keys(ERROR_STATUS) as ErrorCode[];

/** Seconds after which an error of this code is worth a retry; the other codes are not. [NF-6.2] */
const RETRY_SECONDS: Partial<Record<ErrorCode, number>> = { "slow-down": 5, "try-again": 2 };

/**
 * A request that gets an error of the table. Its message is a sentence for the caller, so it names nothing of ours.
 * Faults inside (S3 unreachable, a broken setting) are not among these: the edge answers them with `try-again`. [NF-6.3]
 */
export class RequestError extends Error {
  override name = "RequestError" as const;
  readonly code: ErrorCode;
  /** The file's size in bytes, where a 416 may tell it. */
  readonly totalBytes: number | undefined;
  /** Seconds, for a code worth a retry. */
  readonly retryAfter: number | undefined;
  /** The `Allow` header that a 405 owes its caller (RFC 9110 §15.5.6). */
  readonly allow: string | undefined;

  constructor(
    code: ErrorCode,
    sentence: string,
    options: { cause?: unknown; totalBytes?: number; retryAfter?: number; allow?: string } = {},
  ) {
    super(sentence, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.totalBytes = options.totalBytes;
    this.allow = options.allow;
    this.retryAfter =
      RETRY_SECONDS[code] === undefined ? undefined : (options.retryAfter ?? RETRY_SECONDS[code]);
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** The JSON body of an error. [NF-6.1] [NF-6.2] */
export function errorBody(error: RequestError): { err: string; retry?: number } {
  const err = `${error.message} {${error.code}}`;
  return error.retryAfter === undefined ? { err } : { err, retry: error.retryAfter };
}

const ErrorBody = v.object({ err: v.string() });

/** The code of an error's body; undefined if that is not one of ours: a proxy's page, or what another service says. [NF-6.4] */
export function errorCodeOf(body: unknown): ErrorCode | undefined {
  const parsed = v.safeParse(ErrorBody, body);
  const code = parsed.success ? /\{([a-z-]+)\}$/.exec(parsed.output.err)?.[1] : undefined;
  return CODES.find((each) => each === code);
}
