/** What became of a request that was to announce: surely nothing was accepted, or perhaps it was. */
export type Fate = "unsent" | "uncertain";

/** The reason when Notehub does not let us in, which nothing but other credentials changes: an alarm goes by it. */
export const UNAUTHORIZED = "notehub-unauthorized";

/**
 * The message must be tried again, nothing is lost. Faults of S3, SQS and Secrets Manager are not among these: they
 * arrive as the SDK threw them, and are retried all the same.
 */
export class RetryLater extends Error {
  override name = "RetryLater" as const;
  /** A short, stable word for the log. */
  readonly reason: string;
  readonly fate: Fate;
  /** Seconds that were asked for; undefined leaves it to the backoff. */
  readonly seconds: number | undefined;

  constructor(
    reason: string,
    sentence: string,
    options: { fate: Fate; seconds?: number | undefined; cause?: unknown },
  ) {
    super(sentence, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.fate = options.fate;
    this.seconds = options.seconds;
  }
}
