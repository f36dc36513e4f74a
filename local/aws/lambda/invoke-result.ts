/** How one invocation ended, as Lambda distinguishes it. */
export type InvokeResult =
  | { kind: "ok"; payload: unknown }
  /** The handler threw, the bundle could not be loaded, or its reply was too large. */
  | { kind: "function-error"; errorType: string; errorMessage: string; stack?: string[] | undefined }
  /** Killed at its time-out, as `Sandbox.Timedout`. */
  | { kind: "timed-out"; errorMessage: string }
  /** Its process ended before it answered, as `Runtime.ExitError`. */
  | { kind: "crashed"; errorMessage: string };

/** Most bytes that a synchronous invocation takes; https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_EVENT_BYTES = 6_291_456;

/** Most bytes that it returns, by the message of Lambda itself. */
export const MAX_REPLY_BYTES = 6_291_556;
