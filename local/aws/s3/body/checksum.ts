import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { S3Error } from "../s3-error.ts";
import { type Crc, crc32c, crc64nvme } from "./crc.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
export const CHECKSUM_ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** `COMPOSITE` is the checksum of the parts' checksums, followed by `-` and the number of parts. */
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

/** A checksum as S3 keeps it with an object; `value` is base64. */
export type Checksum = { algorithm: ChecksumAlgorithm; type: ChecksumType; value: string };

/** What S3 computes where the client names none. */
export const DEFAULT_ALGORITHM: ChecksumAlgorithm = "CRC64NVME";

const HASHES: Record<ChecksumAlgorithm, () => Crc> = {
  CRC32: zlibCrc32,
  CRC32C: crc32c,
  CRC64NVME: crc64nvme,
  SHA1: () => nodeHash("sha1"),
  SHA256: () => nodeHash("sha256"),
};

export function createChecksum(algorithm: ChecksumAlgorithm): Crc {
  return HASHES[algorithm]();
}

/** `x-amz-checksum-crc32` */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

export function isChecksumHeader(name: string): boolean {
  return CHECKSUM_ALGORITHMS.some((algorithm) => checksumHeader(algorithm) === name);
}

/** @throws {S3Error} `InvalidRequest` for an algorithm that S3 does not have. */
export function parseAlgorithm(text: string): ChecksumAlgorithm {
  const wanted = text.trim().toUpperCase();
  const found = CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === wanted);
  if (found === undefined) throw new S3Error("InvalidRequest", "The checksum algorithm is not known.");
  return found;
}

export function checksumHeaders({ algorithm, type, value }: Checksum): Record<string, string> {
  return { [checksumHeader(algorithm)]: value, "x-amz-checksum-type": type };
}

function zlibCrc32(): Crc {
  let value = 0;
  return {
    update(data) {
      value = crc32(data, value);
    },
    digest() {
      const digest = Buffer.alloc(4);
      digest.writeUInt32BE(value);
      return digest;
    },
  };
}

function nodeHash(name: string): Crc {
  const hash = createHash(name);
  return { update: (data) => void hash.update(data), digest: () => hash.digest() };
}
