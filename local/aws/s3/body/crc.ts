import { createCrcModule, DATA_START, TABLES } from "./crc-module.ts";
import { crcTables } from "./crc-tables.ts";

/** A checksum over data that comes in pieces. */
export type Crc = { update(data: Buffer): void; digest(): Buffer };

/** Reflected polynomials; every check starts with all ones and inverts the end. */
export const CRC32_POLYNOMIAL = 0xedb88320n;
export const CRC32C_POLYNOMIAL = 0x82f63b78n;
export const CRC64NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

export const crc32c = crcOf(32, CRC32C_POLYNOMIAL);

/** Every upload without a checksum of its own gets this one. */
export const crc64nvme = crcOf(64, CRC64NVME_POLYNOMIAL);

function crcOf(bits: number, polynomial: bigint): () => Crc {
  let shared: ReturnType<typeof prepare> | undefined;
  return () => {
    shared ??= prepare(polynomial); // not before it is needed: it would delay the start of the server
    const { advance } = shared;
    const ones = BigInt.asUintN(bits, -1n);
    let register = ones;
    return {
      update(data) {
        register = advance(register, data);
      },
      digest: () => Buffer.from((register ^ ones).toString(16).padStart(bits / 4, "0"), "hex"),
    };
  };
}

function prepare(polynomial: bigint) {
  const { memory, bySixteen, byOne } = createCrcModule();
  new BigUint64Array(memory.buffer).set(crcTables(polynomial, TABLES));
  const room = new Uint8Array(memory.buffer, DATA_START);
  return {
    advance(register: bigint, data: Buffer): bigint {
      let r = register;
      for (let at = 0; at < data.length; at += room.length) {
        const piece = data.subarray(at, at + room.length);
        room.set(piece);
        const [sixteens, end] = [DATA_START + (piece.length & ~15), DATA_START + piece.length];
        if (sixteens > DATA_START) r = bySixteen(r, DATA_START, sixteens);
        if (end > sixteens) r = byOne(r, sixteens, end);
      }
      return BigInt.asUintN(64, r);
    },
  };
}
