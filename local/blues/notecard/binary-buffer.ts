import { createHash } from "node:crypto";
import { CobsMalformed, decodeCobs, encodeCobs } from "../../../agent/notecard/cobs.ts";
import { CardError } from "./card-error.ts";

/** How many decoded bytes fit, by the published sample of `card.binary`. */
export const BINARY_MAX_BYTES = 130_554;

/** A packet as `card.binary.put` announces it: its encoded length and the MD5 of its data, if told, and that data's offset. */
export type PacketHeader = { cobs: number | undefined; status: string | undefined; offset: number };

/** The one buffer that `card.binary`, `web.*` and `note.add` share. */
export type BinaryBuffer = {
  bytes(): Buffer;
  /** True after a packet that was not as announced, until the next good one or `clear`. */
  spoilt(): boolean;
  clear(): void;
  /** @throws {CardError} if it does not fit; the buffer is then empty. */
  replace(bytes: Buffer): void;
  /** @throws {CardError} if there is not that much. */
  slice(offset: number, length: number): Buffer;
  /**
   * Stores a packet. One that is not as announced spoils the buffer: the host learns it from its next `card.binary`.
   */
  put(packet: Buffer, header: PacketHeader): void;
};

export function createBinaryBuffer(): BinaryBuffer {
  let stored: Buffer = Buffer.alloc(0);
  let bad = false;
  const clear = () => {
    stored = Buffer.alloc(0);
    bad = false;
  };
  return {
    bytes: () => stored,
    spoilt: () => bad,
    clear,
    replace(bytes) {
      clear();
      if (bytes.length > BINARY_MAX_BYTES) throw new CardError("reply exceeds the binary buffer {too-big}");
      stored = bytes;
    },
    slice(offset, length) {
      if (offset + length > stored.length || length <= 0) {
        throw new CardError(`the binary buffer holds ${stored.length} bytes {bad-bin}`);
      }
      return stored.subarray(offset, offset + length);
    },
    put(packet, { cobs, status, offset }) {
      const data = cobs === undefined || packet.length === cobs ? decoded(packet) : undefined;
      const tooBig = data !== undefined && offset + data.length > BINARY_MAX_BYTES;
      bad = data === undefined || tooBig || (status !== undefined && md5(data) !== status.toLowerCase());
      if (data !== undefined && !bad) stored = Buffer.concat([stored.subarray(0, offset), data]);
    },
  };
}

export const md5 = (bytes: Buffer): string => createHash("md5").update(bytes).digest("hex");

/** Length of the data once encoded, without the end-of-packet byte. */
export const cobsLength = (bytes: Buffer): number => encodeCobs(bytes).length;

function decoded(packet: Buffer): Buffer | undefined {
  try {
    return decodeCobs(packet);
  } catch (error) {
    if (error instanceof CobsMalformed) return undefined;
    throw error;
  }
}
