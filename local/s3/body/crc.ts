import { crc64Tables, crcTable } from "./crc-tables.ts";

/** A checksum over data that comes in pieces. */
export type Crc = { update(data: Buffer): void; digest(): Buffer };

/** Reflected polynomials; both checks start with all ones and invert the end. */
export const CRC32_POLYNOMIAL = 0xedb88320n;
export const CRC32C_POLYNOMIAL = 0x82f63b78n;
export const CRC64NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

const CRC32C_TABLE = new Int32Array(crcTable(CRC32C_POLYNOMIAL).map((entry) => Number(entry) | 0));
const { HIGH, LOW } = crc64Tables(CRC64NVME_POLYNOMIAL);

export function crc32c(): Crc {
  let register = -1;
  return {
    update(data) {
      let r = register; // a local, not the captured variable, keeps the loop in machine registers
      for (let i = 0; i < data.length; i++) {
        r = (CRC32C_TABLE[(r ^ (data[i] ?? 0)) & 255] ?? 0) ^ (r >>> 8);
      }
      register = r;
    },
    digest() {
      const digest = Buffer.alloc(4);
      digest.writeInt32BE(~register);
      return digest;
    },
  };
}

/** Every upload without a checksum of its own gets this one, so it takes eight bytes at a time ("slicing-by-8"). */
export function crc64nvme(): Crc {
  let high = -1;
  let low = -1;

  function byBytes(data: Buffer): void {
    for (let i = 0; i < data.length; i++) {
      const index = (low ^ (data[i] ?? 0)) & 255;
      low = ((low >>> 8) | (high << 24)) ^ (LOW[index] ?? 0);
      high = (high >>> 8) ^ (HIGH[index] ?? 0);
    }
  }

  /** The tables follow each other: the one at 256 * n is for a byte that n more bytes follow. */
  function byEight(words: Int32Array): void {
    let h = high;
    let l = low;
    for (let i = 0; i < words.length; i += 2) {
      l ^= words[i] ?? 0;
      h ^= words[i + 1] ?? 0;
      const a = 1792 + (l & 255);
      const b = 1536 + ((l >>> 8) & 255);
      const c = 1280 + ((l >>> 16) & 255);
      const d = 1024 + (l >>> 24);
      const e = 768 + (h & 255);
      const f = 512 + ((h >>> 8) & 255);
      const g = 256 + ((h >>> 16) & 255);
      const k = h >>> 24;
      l = (LOW[a] ?? 0) ^ (LOW[b] ?? 0) ^ (LOW[c] ?? 0) ^ (LOW[d] ?? 0);
      l ^= (LOW[e] ?? 0) ^ (LOW[f] ?? 0) ^ (LOW[g] ?? 0) ^ (LOW[k] ?? 0);
      h = (HIGH[a] ?? 0) ^ (HIGH[b] ?? 0) ^ (HIGH[c] ?? 0) ^ (HIGH[d] ?? 0);
      h ^= (HIGH[e] ?? 0) ^ (HIGH[f] ?? 0) ^ (HIGH[g] ?? 0) ^ (HIGH[k] ?? 0);
    }
    high = h;
    low = l;
  }

  return {
    update(data) {
      const start = Math.min(data.length, -data.byteOffset & 3); // words begin at a multiple of four
      const words = ((data.length - start) >>> 3) << 1;
      byBytes(data.subarray(0, start));
      if (words > 0) byEight(new Int32Array(data.buffer, data.byteOffset + start, words));
      byBytes(data.subarray(start + words * 4));
    },
    digest() {
      const digest = Buffer.alloc(8);
      digest.writeInt32BE(~high, 0);
      digest.writeInt32BE(~low, 4);
      return digest;
    },
  };
}
