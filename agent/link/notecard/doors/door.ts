import type { Fetchable } from "../../link.ts";

/** One way to ask the file-server for bytes through a Notecard. */
export type Door = {
  /** Bytes that one `fetch` gives at most, at present. */
  chunkBytes(): number;
  /**
   * Bytes from `offset` on.
   *
   * @throws {FetchFailed} or what the Notecard throws.
   */
  fetch(file: Fetchable, offset: number): Promise<Buffer>;
  /** Says that the fetches of one delivery are over. Without a fetch before it does nothing. */
  deliveryEnded?(): void;
};

export type DoorOptions = {
  /** Alias of the proxy route in Notehub. */
  route: string;
  /** Seconds that a request may take; a Notecard's own default is 90. */
  seconds: number;
};
