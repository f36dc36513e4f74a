import { xmlReply } from "../http/reply.ts";
import type { S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import type { ObjectProperties, ObjectVersion } from "../store/object-version.ts";
import { requireBucket } from "../store/require-bucket.ts";
import { element, xmlDocument } from "../xml/write-xml.ts";
import { writeConditions } from "./conditions.ts";
import { copySourcePermission, findCopySource } from "./copy-source.ts";
import { headerNames, readProperties } from "./object-headers.ts";
import { type Operation, originOf } from "./operation.ts";
import { writePermissions } from "./put-object.ts";
import { MOST_BYTES_PER_PUT, orDiscard } from "./receive-object.ts";
import { versionHeader } from "./version-header.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const copyObject: Operation = {
  needs: (request) => [...writePermissions(request), copySourcePermission(request)],
  async run(call) {
    const { request, store, changes } = call;
    const check = writeConditions(request);
    const source = findCopySource(call);
    const properties = copiedProperties(request, source.version);
    const ontoItself = source.bucket === request.bucket && source.key === request.key;
    if (ontoItself && source.versionId === undefined && !replaces(request, "metadata")) {
      throw new S3Error("InvalidRequest", "A copy of an object onto itself must change its metadata.");
    }
    if (source.version.size > MOST_BYTES_PER_PUT)
      throw new S3Error("InvalidRequest", "The source is too large.");

    const { size, etag } = source.version;
    const segments = await store.blobs.copy(source.version.segments);
    const copy = await orDiscard(
      store.blobs,
      segments,
      changes.put({
        bucket: request.bucket,
        key: request.key,
        content: { size, etag, segments, properties },
        event: "ObjectCreated:Copy",
        origin: originOf(call),
        check,
      }),
    );
    const sourceVersion = versionHeader(requireBucket(store, source.bucket), source.version.versionId);
    return xmlReply(
      xmlDocument(
        "CopyObjectResult",
        element("ETag", `"${etag}"`),
        element("LastModified", new Date(copy.modified).toISOString()),
        properties.checksum && element(`Checksum${properties.checksum.algorithm}`, properties.checksum.value),
      ),
      {
        ...versionHeader(requireBucket(store, request.bucket), copy.versionId),
        ...Object.fromEntries(Object.values(sourceVersion).map((id) => ["x-amz-copy-source-version-id", id])),
      },
    );
  },
};

/** The source's own, unless a directive says to take the request's. */
function copiedProperties(request: S3Request, source: ObjectVersion): ObjectProperties {
  const given = readProperties(request, headerNames(request));
  const { headers, metadata } = replaces(request, "metadata") ? given : source.properties;
  const { tags } = replaces(request, "tagging") ? given : source.properties;
  const { checksum } = source.properties;
  return { headers, metadata, tags, ...(checksum === undefined ? {} : { checksum }) };
}

function replaces(request: S3Request, what: "metadata" | "tagging"): boolean {
  const directive = request.header(`x-amz-${what}-directive`) ?? "COPY";
  if (directive !== "COPY" && directive !== "REPLACE")
    throw new S3Error("InvalidArgument", "Unknown directive.");
  return directive === "REPLACE";
}
