/**
 * What kind of failure it is; the command line has an exit code for each. `usage`: the command line cannot be carried out. `auth`: credentials
 * are missing or not enough. `not-found`: no such stack, key, version, device or fleet. `fault`: anything else that went wrong.
 */
export type ErrorCode = "usage" | "auth" | "not-found" | "fault";

/** A failure that a person can do something about: the message is a sentence that says what. */
export class OperatorError extends Error {
  override name = "OperatorError" as const;
  readonly code: ErrorCode;
  /** Whether the same may go well a little later: a throttle, a lost connection, credentials that are being renewed. */
  readonly mayPass: boolean;
  /** What the sentence is about, one a line. A line end within one of them, or within the sentence, is part of a name. */
  readonly lines: readonly string[];

  constructor(
    code: ErrorCode,
    sentence: string,
    options: { cause?: unknown; mayPass?: boolean; lines?: readonly string[] } = {},
  ) {
    super(sentence, options);
    this.code = code;
    this.mayPass = options.mayPass ?? false;
    this.lines = options.lines ?? [];
  }
}
