import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CHECKSUM_ALGORITHMS, createChecksum } from "../../../../../local/aws/s3/body/checksum.ts";
import { combineChecksums } from "../../../../../local/aws/s3/body/combine-checksums.ts";
import { crc32c, crc64nvme } from "../../../../../local/aws/s3/body/crc.ts";
import { runs } from "../support/cut.ts";

const CHECK = Buffer.from("123456789"); // what catalogues of CRCs publish a value for

const hexOf = (algorithm: ReturnType<typeof crc32c>, ...pieces: Buffer[]) => {
  for (const piece of pieces) algorithm.update(piece);
  return algorithm.digest().toString("hex");
};

describe("published values", () => {
  test("CRC-32C", () => expect(hexOf(crc32c(), CHECK)).toBe("e3069283"));
  test("CRC-32C of 32 zeroes and ones, of RFC 3720, B.4", () => {
    expect(hexOf(crc32c(), Buffer.alloc(32))).toBe("8a9136aa");
    expect(hexOf(crc32c(), Buffer.alloc(32, 0xff))).toBe("62a8ab43");
  });
  test("CRC-64/NVME", () => expect(hexOf(crc64nvme(), CHECK)).toBe("ae8b14860a799888"));
  test("CRC-64/NVME of 4096 zeroes and ones, of the NVMe specification", () => {
    expect(hexOf(crc64nvme(), Buffer.alloc(4096))).toBe("6482d367eb22b64e");
    expect(hexOf(crc64nvme(), Buffer.alloc(4096, 0xff))).toBe("c0ddba7302eca3ac");
  });
  test("CRC-32 is zlib's", () => {
    const expected = crc32(CHECK).toString(16).padStart(8, "0");
    expect(hexOf(createChecksum("CRC32"), CHECK)).toBe(expected);
  });
});

test.each(CHECKSUM_ALGORITHMS)("%s of pieces, at any alignment, is that of the whole", (algorithm) => {
  const memory = Buffer.from(randomBytes(500));
  fc.assert(
    fc.property(fc.nat(200), fc.array(fc.nat(60), { maxLength: 5 }), (start, lengths) => {
      const pieces = runs(memory, lengths, start);
      const whole = Buffer.concat(pieces); // a copy, aligned
      expect(hexOf(createChecksum(algorithm), ...pieces)).toBe(hexOf(createChecksum(algorithm), whole));
    }),
  );
});

test.each(CHECKSUM_ALGORITHMS)("%s of a piece larger than any buffer is that of its pieces", (algorithm) => {
  const whole = randomBytes(300_000);
  const pieces = runs(
    whole,
    Array.from({ length: 300 }, () => 1000),
  );
  expect(hexOf(createChecksum(algorithm), whole)).toBe(hexOf(createChecksum(algorithm), ...pieces));
});

describe("of a multipart upload", () => {
  const partsOf = (algorithm: (typeof CHECKSUM_ALGORITHMS)[number], parts: readonly Uint8Array[]) =>
    parts.map((part) => {
      const checksum = createChecksum(algorithm);
      checksum.update(Buffer.from(part));
      return { checksum: checksum.digest().toString("base64"), size: part.length };
    });

  test.each(["CRC32", "CRC32C", "CRC64NVME"] as const)(
    "%s of the whole follows from the parts",
    (algorithm) => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 }), (parts) => {
          const whole = createChecksum(algorithm);
          whole.update(Buffer.concat(parts));
          expect(combineChecksums(algorithm, "FULL_OBJECT", partsOf(algorithm, parts))).toEqual({
            algorithm,
            type: "FULL_OBJECT",
            value: whole.digest().toString("base64"),
          });
        }),
      );
    },
  );

  test("a composite one is over the parts' checksums, and tells how many", () => {
    const parts = partsOf("SHA256", [Buffer.from("a"), Buffer.from("b")]);
    const over = createChecksum("SHA256");
    for (const { checksum } of parts) over.update(Buffer.from(checksum, "base64"));
    const { value } = combineChecksums("SHA256", "COMPOSITE", parts);
    expect(value).toBe(`${over.digest().toString("base64")}-2`);
  });
});
