import { type ChecksumAlgorithm, DEFAULT_ALGORITHM, parseAlgorithm } from "../body/checksum.ts";
import { createDigester, type Digests } from "../body/digests.ts";
import { xmlReply } from "../http/reply.ts";
import type { S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import type { Blobs, Segment } from "../store/blobs.ts";
import type { Content } from "../store/object-changes.ts";
import type { ObjectProperties, ObjectVersion } from "../store/object-version.ts";
import { requireBucket } from "../store/require-bucket.ts";
import { element, xmlDocument } from "../xml/write-xml.ts";
import { writeConditions } from "./conditions.ts";
import { type CopySource, copySourcePermission, copySourceVersion, findCopySource } from "./copy-source.ts";
import { partCount } from "./multipart-etag.ts";
import { encryptionHeader, headerNames, readProperties, withoutEncryption } from "./object-headers.ts";
import { type Operation, originOf } from "./operation.ts";
import { writePermissions } from "./put-object.ts";
import { MOST_BYTES_PER_PUT, orDiscard } from "./receive-object.ts";
import { versionHeader } from "./version-header.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const copyObject: Operation = {
  needs: (request) => [...writePermissions(request), copySourcePermission(request)],
  async run(call) {
    const { request, store, changes } = call;
    const { bucket, key } = request;
    const check = writeConditions(request);
    const source = findCopySource(call);
    refuseNoChange(request, source);
    if (source.version.size > MOST_BYTES_PER_PUT)
      throw new S3Error("InvalidRequest", "The source is too large.");

    const given = readProperties(request, headerNames(request), requireBucket(store, bucket));
    const kept = copiedProperties(request, source.version, given);
    const segments = await store.blobs.copy(source.version.segments);
    const copied = contentOf(store.blobs, request, source.version, segments, kept).then((content) =>
      changes.put({ bucket, key, content, event: "ObjectCreated:Copy", origin: originOf(call), check }),
    );
    const { etag, modified, versionId, properties } = await orDiscard(store.blobs, segments, copied);
    const { checksum } = properties;
    return xmlReply(
      xmlDocument(
        "CopyObjectResult",
        element("ETag", `"${etag}"`),
        element("LastModified", new Date(modified).toISOString()),
        checksum && [
          element(`Checksum${checksum.algorithm}`, checksum.value),
          element("ChecksumType", checksum.type),
        ],
      ),
      {
        ...versionHeader(requireBucket(store, bucket), versionId),
        ...copySourceVersion(store, source),
        ...encryptionHeader(properties),
      },
    );
  },
};

/** S3 refuses to copy an object onto itself if that changes nothing. */
function refuseNoChange(request: S3Request, source: CopySource): void {
  const isItself = source.bucket === request.bucket && source.key === request.key;
  const changes =
    replaces(request, "metadata") ||
    ["x-amz-storage-class", "x-amz-server-side-encryption"].some(
      (name) => request.header(name) !== undefined,
    );
  if (isItself && source.versionId === undefined && !changes) {
    throw new S3Error(
      "InvalidRequest",
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
}

/**
 * A copy is stored in one piece. The copy of a multipart object gets a new etag, and a new checksum if the old one was
 * over those of the parts.
 */
async function contentOf(
  blobs: Blobs,
  request: S3Request,
  source: ObjectVersion,
  segments: Segment[],
  properties: ObjectProperties,
): Promise<Content> {
  const { size, etag } = source;
  const { checksum } = source.properties;
  const named = request.header("x-amz-checksum-algorithm");
  const algorithm = named === undefined ? checksum?.algorithm : parseAlgorithm(named);
  const isKnown = algorithm === checksum?.algorithm && checksum?.type !== "COMPOSITE";
  if (isKnown && partCount(source) === undefined) {
    return { size, etag, segments, properties: { ...properties, ...(checksum && { checksum }) } };
  }
  const digests = await digestsOf(blobs, segments, size, algorithm ?? DEFAULT_ALGORITHM);
  const computed = { ...properties, checksum: digests.checksum };
  return { size, etag: digests.md5.toString("hex"), segments, properties: computed };
}

async function digestsOf(
  blobs: Blobs,
  segments: readonly Segment[],
  size: number,
  algorithm: ChecksumAlgorithm,
): Promise<Digests> {
  const digester = createDigester({ header: () => undefined }, undefined, algorithm);
  for await (const piece of await blobs.read(segments, 0, size - 1)) digester.update(piece);
  return digester.finish();
}

/** The source's own, unless a directive says to take the request's; the encryption is never the source's. */
function copiedProperties(
  request: S3Request,
  source: ObjectVersion,
  given: ObjectProperties,
): ObjectProperties {
  const { headers, metadata } = replaces(request, "metadata") ? given : source.properties;
  const { tags } = replaces(request, "tagging") ? given : source.properties;
  return { headers: { ...withoutEncryption(headers), ...encryptionHeader(given) }, metadata, tags };
}

function replaces(request: S3Request, what: "metadata" | "tagging"): boolean {
  const directive = request.header(`x-amz-${what}-directive`) ?? "COPY";
  if (directive !== "COPY" && directive !== "REPLACE")
    throw new S3Error("InvalidArgument", "Unknown directive.");
  return directive === "REPLACE";
}
