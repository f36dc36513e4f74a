import { createHash, randomBytes } from "node:crypto";
import { type ChecksumAlgorithm, type ChecksumType, UploadPartCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";
import { begin, MIB } from "./support/multipart.ts";

const KINDS: [ChecksumAlgorithm, ChecksumType][] = [
  ["CRC32", "FULL_OBJECT"],
  ["CRC32C", "FULL_OBJECT"],
  ["CRC64NVME", "FULL_OBJECT"],
  ["CRC32", "COMPOSITE"],
  ["CRC32C", "COMPOSITE"],
  ["SHA1", "COMPOSITE"],
  ["SHA256", "COMPOSITE"],
];
const BODIES = [randomBytes(5 * MIB), randomBytes(1000)];

describeS3("checksums of multipart uploads", (s3) => {
  async function uploaded(algorithm: ChecksumAlgorithm, type: ChecksumType, key: string) {
    const chosen = { ChecksumAlgorithm: algorithm, ChecksumType: type };
    const { part, complete } = await begin(s3, key, chosen);
    const member = `Checksum${algorithm}` as const;
    const parts = await Promise.all(
      BODIES.map(async (Body, index) => {
        const PartNumber = index + 1;
        const reply = await part(PartNumber, Body);
        return { PartNumber, ETag: reply.ETag, [member]: reply[member] };
      }),
    );
    return { member, parts, complete };
  }

  test.each(KINDS)("a completion with a %s of type %s", async (algorithm, type) => {
    const first = await uploaded(algorithm, type, `learnt-${algorithm}-${type}`);
    const learnt = (await first.complete(first.parts))[first.member];
    expect(learnt).toMatch(type === "COMPOSITE" ? /=-2$/ : /=$/);

    const { member, parts, complete } = await uploaded(algorithm, type, `claimed-${algorithm}-${type}`);
    const wrong = await errorOf(complete(parts, { [member]: first.parts[0]?.[member] }));
    expect(wrong).toEqual({ status: 400, name: "BadDigest" });
    const completed = await complete(parts, { [member]: learnt, ChecksumType: type });
    expect(completed[member]).toBe(learnt);
    expect(completed.ChecksumType).toBe(type);
  });

  test("a composite checksum is that of the parts' own", async () => {
    const { parts, complete } = await uploaded("SHA256", "COMPOSITE", "composite");
    const ofParts = createHash("sha256");
    for (const body of BODIES) ofParts.update(createHash("sha256").update(body).digest());
    const ChecksumSHA256 = `${ofParts.digest("base64")}-2`;
    expect((await complete(parts, { ChecksumSHA256 })).ChecksumSHA256).toBe(ChecksumSHA256);
  });

  test("a part with a checksum of another algorithm than the upload's is refused", async () => {
    const { upload } = await begin(s3, "mixed", { ChecksumAlgorithm: "SHA256" });
    const part = { ...upload, PartNumber: 1, Body: "x", ChecksumAlgorithm: "CRC32" as const };
    const refusal = await errorOf(s3.client.send(new UploadPartCommand(part)));
    expect(refusal).toEqual({ status: 400, name: "InvalidRequest" });
  });
});
