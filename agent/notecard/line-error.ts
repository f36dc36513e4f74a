/**
 * `timeout`: no reply in time. `cut-off`: one that stopped in the middle. `garbled`: one that is not what was sent.
 * `too-long`: one that would take too much memory. `out-of-step`: no resync.
 */
export type LineErrorCode = "timeout" | "cut-off" | "garbled" | "too-long" | "out-of-step";

/** A transaction that failed between host and Notecard, though the line is open. Whether it was executed is not known. */
export class LineError extends Error {
  override name = "LineError" as const;
  readonly code: LineErrorCode;

  constructor(code: LineErrorCode, sentence: string, options?: { cause?: unknown }) {
    super(sentence, options);
    this.code = code;
  }
}
