/**
 * `timeout`: no reply came in time. `cut-off`: the reply stopped in the middle. `garbled`: it is not what the Notecard sent.
 * `too-long`: it would take too much memory. `out-of-step`: the line could not be resynchronised.
 */
export type LineErrorCode = "timeout" | "cut-off" | "garbled" | "too-long" | "out-of-step";

/** A transaction that failed between host and Notecard on an open line. The Notecard may have executed it. */
export class LineError extends Error {
  override name = "LineError" as const;
  readonly code: LineErrorCode;

  constructor(code: LineErrorCode, sentence: string, options?: { cause?: unknown }) {
    super(sentence, options);
    this.code = code;
  }
}
