import { type Checksum, type ChecksumAlgorithm, type ChecksumType, createChecksum } from "./checksum.ts";
import { CRC32_POLYNOMIAL, CRC32C_POLYNOMIAL, CRC64NVME_POLYNOMIAL } from "./crc.ts";

/** A part's checksum in base64, and its length in bytes. */
export type PartChecksum = { checksum: string; size: number };

/** The algorithms whose checksum of a whole follows from those of its parts. */
const CRCS: Partial<Record<ChecksumAlgorithm, { bits: bigint; polynomial: bigint }>> = {
  CRC32: { bits: 32n, polynomial: CRC32_POLYNOMIAL },
  CRC32C: { bits: 32n, polynomial: CRC32C_POLYNOMIAL },
  CRC64NVME: { bits: 64n, polynomial: CRC64NVME_POLYNOMIAL },
};

/**
 * Whether S3 computes this type of checksum with this algorithm for a multipart upload.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html#checksum-types
 */
export function isCombinable(algorithm: ChecksumAlgorithm, type: ChecksumType): boolean {
  return type === "FULL_OBJECT" ? algorithm in CRCS : algorithm !== "CRC64NVME";
}

/** The checksum of a multipart object, from those of its parts: no byte is read again. */
export function combineChecksums(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly PartChecksum[],
): Checksum {
  const crc = CRCS[algorithm];
  if (type === "FULL_OBJECT" && crc !== undefined) {
    return { algorithm, type, value: combineCrcs(crc.bits, crc.polynomial, parts) };
  }
  const ofChecksums = createChecksum(algorithm);
  for (const { checksum } of parts) ofChecksums.update(Buffer.from(checksum, "base64"));
  return { algorithm, type, value: `${ofChecksums.digest().toString("base64")}-${parts.length}` };
}

/**
 * crc(A followed by B) = crc(A) * x^(8 * length of B) + crc(B), as polynomials over GF(2) modulo the CRC's own; the
 * method of zlib's crc32_combine. The register is reflected: the highest bit stands for x^0.
 */
function combineCrcs(bits: bigint, polynomial: bigint, parts: readonly PartChecksum[]): string {
  const multiply = (a: bigint, b: bigint): bigint => {
    let product = 0n;
    for (let mask = 1n << (bits - 1n), power = b; mask > 0n; mask >>= 1n) {
      if (a & mask) product ^= power;
      power = power & 1n ? (power >> 1n) ^ polynomial : power >> 1n;
    }
    return product;
  };
  const shiftOf = (bytes: number): bigint => {
    let factor = 1n << (bits - 9n); // x^8: one byte
    let shift = 1n << (bits - 1n); // x^0
    for (let left = BigInt(bytes); left > 0n; left >>= 1n) {
      if (left & 1n) shift = multiply(shift, factor);
      factor = multiply(factor, factor);
    }
    return shift;
  };
  /** The product with a shift, byte by byte. Worked out anew for each of 10,000 parts, it would hold up everybody for seconds. */
  const multiplierBy = (shift: bigint): ((value: bigint) => bigint) => {
    const tables = Array.from({ length: Number(bits) / 8 }, (_, byte) => {
      const table = [0n];
      for (let bit = 0; bit < 8; bit++) {
        const product = multiply(1n << BigInt(byte * 8 + bit), shift);
        table.push(...table.map((other) => other ^ product));
      }
      return table;
    });
    return (value) =>
      tables.reduce(
        (sum, table, byte) => sum ^ (table[Number((value >> BigInt(byte * 8)) & 0xffn)] ?? 0n),
        0n,
      );
  };
  const multipliers = new Map<number, (value: bigint) => bigint>(); // parts are of one size but the last
  let whole = 0n;
  for (const { checksum, size } of parts) {
    const shifted = multipliers.get(size) ?? multiplierBy(shiftOf(size));
    multipliers.set(size, shifted);
    whole = shifted(whole) ^ BigInt(`0x0${Buffer.from(checksum, "base64").toString("hex")}`);
  }
  const hex = whole.toString(16).padStart(Number(bits) / 4, "0");
  return Buffer.from(hex, "hex").toString("base64");
}
