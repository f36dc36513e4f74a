import type { FileHandle } from "node:fs/promises";
import zlib from "node:zlib";

/**
 * A file of records, each `length:u32be crc32:u32be bytes`. A power loss may cut the last one off or leave zeros in its place:
 * the whole records before it are what is safe.
 */

/** Bytes that a record adds to its content. */
export const HEAD_BYTES = 8;

/** More than any fetch returns. */
const MAX_RECORD_BYTES = 1024 * 1024;

/** A record as it is written. */
export function formatRecord(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(bytes.length, 0);
  head.writeUInt32BE(zlib.crc32(bytes), 4);
  return Buffer.concat([head, bytes]);
}

/** A whole record, and the offset at which the next one starts. The bytes are valid until the next record is read. */
export type ReadRecord = { bytes: Buffer; next: number };

/** The whole records of a file, in order, up to the first that is not whole. */
export async function* readRecords(file: FileHandle): AsyncGenerator<ReadRecord> {
  const head = Buffer.alloc(HEAD_BYTES);
  let room = Buffer.alloc(0); // one buffer for all: one for each record would leave garbage of the file's size
  for (let at = 0; ; ) {
    if (!(await fill(head, file, at))) return;
    const length = head.readUInt32BE(0);
    // Zeros would pass as an empty record: their checksum is zero as well.
    if (length === 0 || length > MAX_RECORD_BYTES) return;
    if (room.length < length) room = Buffer.allocUnsafeSlow(length);
    const bytes = room.subarray(0, length);
    if (!(await fill(bytes, file, at + HEAD_BYTES)) || zlib.crc32(bytes) !== head.readUInt32BE(4)) return;
    at += HEAD_BYTES + length;
    yield { bytes, next: at };
  }
}

/** False if the file ends first. */
async function fill(bytes: Buffer, file: FileHandle, at: number): Promise<boolean> {
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, at + filled);
    if (bytesRead === 0) return false;
    filled += bytesRead;
  }
  return true;
}
