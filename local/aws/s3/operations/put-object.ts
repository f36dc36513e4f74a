import { checksumHeaders } from "../body/checksum.ts";
import { EMPTY } from "../http/reply.ts";
import type { S3Request } from "../http/s3-request.ts";
import { requireBucket } from "../store/require-bucket.ts";
import { writeConditions } from "./conditions.ts";
import { encryptionHeader, headerNames, readProperties } from "./object-headers.ts";
import { conditionPermissions, type Operation, onObject, originOf, type Permission } from "./operation.ts";
import { orDiscard, receivePayload } from "./receive-object.ts";
import { versionHeader } from "./version-header.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export const putObject: Operation = {
  needs: writePermissions,
  async run(call) {
    const { request, store, changes } = call;
    const check = writeConditions(request);
    const properties = readProperties(request, headerNames(request), requireBucket(store, request.bucket));
    const received = await receivePayload(store.blobs, request, call.body);
    const { bytes: size, checksum, segments } = received;
    const etag = received.md5.toString("hex");
    const { versionId } = await orDiscard(
      store.blobs,
      segments,
      changes.put({
        bucket: request.bucket,
        key: request.key,
        content: { size, etag, segments, properties: { ...properties, checksum } },
        event: "ObjectCreated:Put",
        origin: originOf(call),
        check,
      }),
    );
    const bucket = requireBucket(store, request.bucket);
    return {
      ...EMPTY,
      headers: {
        "content-length": 0,
        etag: `"${etag}"`,
        ...checksumHeaders(checksum),
        ...encryptionHeader(properties),
        ...versionHeader(bucket, versionId),
      },
    };
  },
};

/** What any operation that creates an object from a request needs. */
export function writePermissions(request: S3Request): Permission[] {
  return [
    onObject(request, "s3:PutObject"),
    ...(request.header("x-amz-tagging") === undefined ? [] : [onObject(request, "s3:PutObjectTagging")]),
    ...conditionPermissions(request),
  ];
}
