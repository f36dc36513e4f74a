import {
  CHECKSUM_ALGORITHMS,
  type Checksum,
  type ChecksumAlgorithm,
  checksumHeader,
  isChecksumHeader,
} from "../body/checksum.ts";
import { combineChecksums } from "../body/combine-checksums.ts";
import { readText } from "../body/read-text.ts";
import { xmlReply } from "../http/reply.ts";
import type { S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import type { Segment } from "../store/blobs.ts";
import type { Content } from "../store/object-changes.ts";
import { requireBucket } from "../store/require-bucket.ts";
import type { Part, Upload } from "../store/uploads.ts";
import { childrenNamed, childText, readXml, requiredText } from "../xml/read-xml.ts";
import { element, xmlDocument } from "../xml/write-xml.ts";
import { unquote, writeConditions } from "./conditions.ts";
import { multipartEtag } from "./multipart-etag.ts";
import { encryptionHeader } from "./object-headers.ts";
import { objectUrl } from "./object-url.ts";
import { conditionPermissions, type Operation, onObject, originOf, type S3Call } from "./operation.ts";
import { findUpload } from "./upload-part.ts";
import { versionHeader } from "./version-header.ts";

const LEAST_PART_BYTES = 5 * 1024 * 1024; // except the last

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export const completeMultipartUpload: Operation = {
  needs: (request) => [onObject(request, "s3:PutObject"), ...conditionPermissions(request)],
  async run(call) {
    const { request, store } = call;
    const claims = readParts(await readText(withoutChecksums(request), call.body));
    const version = await complete(call, claims).catch((error: unknown) => {
      // The reply to an earlier completion may have been lost: S3 gives it again.
      if (error instanceof S3Error && error.code === "NoSuchUpload") return completedBefore(call, claims);
      throw error;
    });
    const { checksum } = version.properties;
    return xmlReply(
      xmlDocument(
        "CompleteMultipartUploadResult",
        element("Location", objectUrl(request, request.key)),
        element("Bucket", request.bucket),
        element("Key", request.key),
        element("ETag", `"${version.etag}"`),
        checksum && [
          element(`Checksum${checksum.algorithm}`, checksum.value),
          element("ChecksumType", checksum.type),
        ],
      ),
      {
        ...versionHeader(requireBucket(store, request.bucket), version.versionId),
        ...encryptionHeader(version.properties),
      },
    );
  },
};

/** A checksum in the head of this request is that of the object, not of the list of parts in its body. */
function withoutChecksums(request: S3Request): S3Request {
  const header = (name: string) => (isChecksumHeader(name) ? undefined : request.header(name));
  return { ...request, header };
}

type Completed = Pick<Content, "etag" | "properties"> & { versionId: string };

async function complete(call: S3Call, claims: readonly PartClaim[]): Promise<Completed> {
  const { request, store, changes } = call;
  const conditions = writeConditions(request);
  let unused: Segment[] = [];
  const version = await changes.put({
    bucket: request.bucket,
    key: request.key,
    // Within the transaction: another request may replace a part, or abort or complete the upload, at any time.
    content: () => {
      const upload = findUpload(call);
      const stored = store.uploads.parts(upload.id);
      const parts = chooseParts(claims, stored, upload.properties.algorithm);
      const used = new Set(parts);
      unused = stored.filter((part) => !used.has(part)).flatMap(({ segments }) => segments);
      store.uploads.delete(upload.id);
      return assemble(call, upload, parts);
    },
    event: "ObjectCreated:CompleteMultipartUpload",
    origin: originOf(call),
    check(current) {
      findUpload(call); // before the conditions: after a completion they would be checked against the object that it made
      conditions(current);
    },
  });
  store.blobs.discard(unused);
  return version;
}

/** @throws {S3Error} `NoSuchUpload` unless the current version is what these parts of the upload made. */
function completedBefore({ request, store }: S3Call, claims: readonly PartClaim[]): Completed {
  const current = store.objects.find(request.bucket, request.key);
  const made = current?.properties.upload === request.query.get("uploadId");
  if (current !== undefined && made && current.etag === multipartEtag(claims)) return current;
  throw new S3Error("NoSuchUpload");
}

function assemble({ request }: S3Call, { id, properties }: Upload, parts: readonly Part[]): Content {
  const { algorithm, type, headers, metadata, tags } = properties;
  const checksum = combineChecksums(algorithm, type, parts);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  checkWhole(request, checksum, size);
  return {
    size,
    etag: multipartEtag(parts),
    segments: parts.flatMap(({ segments }) => segments),
    properties: { headers, metadata, tags, checksum, upload: id },
  };
}

type PartClaim = {
  number: number;
  md5: string;
  checksum(algorithm: ChecksumAlgorithm): string | undefined;
};

function readParts(document: string): PartClaim[] {
  const parts = childrenNamed(readXml(document, "CompleteMultipartUpload"), "Part");
  if (parts.length === 0 || parts.length > 10_000) throw new S3Error("MalformedXML");
  return parts.map((part) => ({
    number: Number(requiredText(part, "PartNumber")),
    md5: unquote(requiredText(part, "ETag")),
    checksum: (algorithm) => childText(part, `Checksum${algorithm}`),
  }));
}

/** The parts that make the object, in the order given, which must be ascending. */
function chooseParts(
  claims: readonly PartClaim[],
  stored: readonly Part[],
  algorithm: ChecksumAlgorithm,
): Part[] {
  const ascending = claims.every(({ number }, index) => number > (claims[index - 1]?.number ?? 0));
  if (!ascending) throw new S3Error("InvalidPartOrder");
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  return claims.map(({ number, md5, checksum }, index) => {
    const part = byNumber.get(number);
    if (part === undefined || part.md5 !== md5 || (checksum(algorithm) ?? part.checksum) !== part.checksum) {
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
function checkWhole(request: S3Request, checksum: Checksum, size: number): void {
  const claimedSize = request.header("x-amz-mp-object-size");
  if (claimedSize !== undefined && claimedSize !== String(size)) {
    throw new S3Error("InvalidRequest", "The parts are not as long as x-amz-mp-object-size says.");
  }
  const type = request.header("x-amz-checksum-type") ?? checksum.type;
  const given = CHECKSUM_ALGORITHMS.filter((each) => request.header(checksumHeader(each)) !== undefined);
  if (type !== checksum.type || given.some((algorithm) => algorithm !== checksum.algorithm)) {
    throw new S3Error(
      "InvalidRequest",
      `The upload was created with a ${checksum.type} checksum by ${checksum.algorithm}: it must be completed with the same.`,
    );
  }
  const claimed = request.header(checksumHeader(checksum.algorithm)) ?? checksum.value;
  // That of parts ends with how many there were; it may be given with or without that.
  if (claimed !== checksum.value && claimed !== checksum.value.replace(/-\d+$/, "")) {
    throw new S3Error("BadDigest", `The ${checksum.algorithm} you specified did not match.`);
  }
}
