/** How a host must behave on one kind of line to a Notecard. Times are milliseconds. */
export type LineTiming = {
  /** A request goes out in pieces of at most this many bytes, with a pause after each but the last. */
  segmentBytes: number;
  segmentPauseMs: number;
  /** The silence after which whatever was under way is over. */
  quietMs: number;
  /** The longest silence inside a reply that has begun. */
  gapMs: number;
  /** Before a transaction is repeated. */
  retryPauseMs: number;
  /** After which a new line on which nothing has answered as a Notecard does leads to something else. */
  meetMs: number;
};

/** Longer than note-c is patient, and a person has an answer within 10 s. */
const MEET_MS = 8_000;

/**
 * A UART or USB line. A Notecard loses bytes if a request comes faster than it reads.
 * https://dev.blues.io/guides-and-tutorials/notecard-guides/notecard-communication-without-a-library/
 */
export const SERIAL_LINE: LineTiming = {
  segmentBytes: 250,
  segmentPauseMs: 250,
  quietMs: 500,
  gapMs: 1_000,
  retryPauseMs: 500,
  meetMs: MEET_MS,
};

/** A TCP connection: flow control is TCP's, but a packet may be late. */
export const NETWORK_LINE: LineTiming = {
  segmentBytes: Number.POSITIVE_INFINITY,
  segmentPauseMs: 0,
  quietMs: 100,
  gapMs: 5_000,
  retryPauseMs: 250,
  meetMs: MEET_MS,
};

/** A UART behind a TCP connection, such as ser2net offers: paced for the UART, patient for the network. */
export const NETWORKED_UART_LINE: LineTiming = { ...SERIAL_LINE, gapMs: NETWORK_LINE.gapMs };

/** A line of bytes to a Notecard. */
export type Port = {
  readonly timing: LineTiming;
  /** @throws {PortClosed} */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * The bytes that arrived since the last call or, if none did, the next ones; undefined if none arrive for `timeoutMs`.
   *
   * @throws {PortClosed} once the line is gone and everything that had arrived is read.
   */
  read(timeoutMs: number): Promise<Buffer | undefined>;
  close(): Promise<void>;
};

/** The line is gone: unplugged, refused, or closed by either side. Open another one. */
export class PortClosed extends Error {
  override name: "PortClosed" | "NotANotecard" = "PortClosed";
}
