import { createHash } from "node:crypto";
import { type Checksum, checksumHeader } from "../body/checksum.ts";
import { combineChecksums } from "../body/combine-checksums.ts";
import { readText } from "../body/read-text.ts";
import { xmlReply } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import { requireBucket } from "../store/object-changes.ts";
import type { Part, Upload } from "../store/uploads.ts";
import { childrenNamed, childText, readXml, requiredText } from "../xml/read-xml.ts";
import { element, xmlDocument } from "../xml/write-xml.ts";
import { unquote, writeConditions } from "./conditions.ts";
import { objectUrl } from "./object-url.ts";
import { type Operation, onObject, originOf, type S3Call } from "./operation.ts";
import { findUpload } from "./upload-part.ts";
import { versionHeader } from "./version-header.ts";

const LEAST_PART_BYTES = 5 * 1024 * 1024; // but for the last

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export const completeMultipartUpload: Operation = {
  needs: (request) => [
    onObject(request, "s3:PutObject"),
    ...(request.header("if-match") === undefined ? [] : [onObject(request, "s3:GetObject")]),
  ],
  async run(call) {
    const { request, store, changes } = call;
    const upload = findUpload(call);
    const claims = readParts(await readText(request, call.body), upload);
    const stored = store.uploads.parts(upload.id);
    const parts = chooseParts(claims, stored);
    const { algorithm, type, headers, metadata, tags } = upload.properties;
    const checksum = combineChecksums(algorithm, type, parts);
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    checkWhole(call, checksum, size);

    const etag = `${etagOf(parts)}-${parts.length}`;
    const segments = parts.flatMap((part) => part.segments);
    const { versionId } = await changes.put({
      bucket: request.bucket,
      key: request.key,
      content: { size, etag, segments, properties: { headers, metadata, tags, checksum } },
      event: "ObjectCreated:CompleteMultipartUpload",
      origin: originOf(call),
      check: checkStillThere(call, stored, writeConditions(request)),
      alongside: () => store.uploads.delete(upload.id),
    });
    const used = new Set(parts.map(({ number }) => number));
    store.blobs.discard(stored.filter(({ number }) => !used.has(number)).flatMap((part) => part.segments));
    return xmlReply(
      xmlDocument(
        "CompleteMultipartUploadResult",
        element("Location", objectUrl(request, request.bucket, request.key)),
        element("Bucket", request.bucket),
        element("Key", request.key),
        element("ETag", `"${etag}"`),
        element(`Checksum${algorithm}`, checksum.value),
        element("ChecksumType", type),
      ),
      versionHeader(requireBucket(store, request.bucket), versionId),
    );
  },
};

type PartClaim = { number: number; md5: string; checksum: string | undefined };

function readParts(document: string, upload: Upload): PartClaim[] {
  const parts = childrenNamed(readXml(document, "CompleteMultipartUpload"), "Part");
  if (parts.length === 0 || parts.length > 10_000) throw new S3Error("MalformedXML");
  return parts.map((part) => ({
    number: Number(requiredText(part, "PartNumber")),
    md5: unquote(requiredText(part, "ETag")),
    checksum: childText(part, `Checksum${upload.properties.algorithm}`),
  }));
}

/** The parts that make the object, in the order given, which must be ascending. */
function chooseParts(claims: readonly PartClaim[], stored: readonly Part[]): Part[] {
  const ascending = claims.every(({ number }, index) => number > (claims[index - 1]?.number ?? 0));
  if (!ascending) throw new S3Error("InvalidPartOrder");
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  return claims.map(({ number, md5, checksum }, index) => {
    const part = byNumber.get(number);
    if (part === undefined || part.md5 !== md5 || (checksum ?? part.checksum) !== part.checksum) {
      throw new S3Error("InvalidPart", undefined, { details: { PartNumber: number } });
    }
    if (index < claims.length - 1 && part.size < LEAST_PART_BYTES) {
      throw new S3Error("EntityTooSmall", undefined, {
        details: { PartNumber: number, ProposedSize: part.size, MinSizeAllowed: LEAST_PART_BYTES },
      });
    }
    return part;
  });
}

/** What the client says of the whole object. */
function checkWhole({ request }: S3Call, checksum: Checksum, size: number): void {
  const claimedSize = request.header("x-amz-mp-object-size");
  if (claimedSize !== undefined && claimedSize !== String(size)) {
    throw new S3Error("InvalidRequest", "The parts are not as long as x-amz-mp-object-size says.");
  }
  const claimed = request.header(checksumHeader(checksum.algorithm));
  if (checksum.type === "FULL_OBJECT" && claimed !== undefined && claimed !== checksum.value) {
    throw new S3Error("BadDigest", `The ${checksum.algorithm} you specified did not match.`);
  }
}

/** Within the transaction: another request may have aborted or completed the upload, or replaced a part, meanwhile. */
function checkStillThere(
  call: S3Call,
  stored: readonly Part[],
  conditions: ReturnType<typeof writeConditions>,
): ReturnType<typeof writeConditions> {
  return (current) => {
    conditions(current);
    const now = call.store.uploads.parts(findUpload(call).id);
    if (JSON.stringify(now) !== JSON.stringify(stored)) throw new S3Error("InvalidPart");
  };
}

function etagOf(parts: readonly Part[]): string {
  const md5 = createHash("md5");
  for (const part of parts) md5.update(Buffer.from(part.md5, "hex"));
  return md5.digest("hex");
}
