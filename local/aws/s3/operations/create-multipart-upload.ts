import {
  type ChecksumAlgorithm,
  type ChecksumType,
  DEFAULT_ALGORITHM,
  parseAlgorithm,
} from "../body/checksum.ts";
import { isCombinable } from "../body/combine-checksums.ts";
import { readText } from "../body/read-text.ts";
import { xmlReply } from "../http/reply.ts";
import type { S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import { newOpaqueId } from "../store/opaque-id.ts";
import { requireBucket } from "../store/require-bucket.ts";
import { element, xmlDocument } from "../xml/write-xml.ts";
import { encryptionHeader, headerNames, readProperties } from "./object-headers.ts";
import type { Operation } from "./operation.ts";
import { writePermissions } from "./put-object.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export const createMultipartUpload: Operation = {
  needs: writePermissions,
  async run({ request, body, store, now }) {
    const stored = readProperties(request, headerNames(request), requireBucket(store, request.bucket));
    const properties = { ...stored, ...readChecksum(request) };
    await readText(request, body); // empty, but verified like any
    const id = await store.database.transaction(() => {
      requireBucket(store, request.bucket);
      const { bucket, key } = request;
      const sequence = store.nextSequence();
      const id = newOpaqueId(sequence);
      store.uploads.create({ id, bucket, key, sequence, created: now(), properties });
      return id;
    });
    return xmlReply(
      xmlDocument(
        "InitiateMultipartUploadResult",
        element("Bucket", request.bucket),
        element("Key", request.key),
        element("UploadId", id),
      ),
      {
        "x-amz-checksum-algorithm": properties.algorithm,
        "x-amz-checksum-type": properties.type,
        ...encryptionHeader(properties),
      },
    );
  },
};

function readChecksum(request: S3Request): {
  algorithm: ChecksumAlgorithm;
  type: ChecksumType;
  named: boolean;
} {
  const named = request.header("x-amz-checksum-algorithm");
  const algorithm = named === undefined ? DEFAULT_ALGORITHM : parseAlgorithm(named);
  const preset = algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE";
  const type = request.header("x-amz-checksum-type") ?? preset;
  if ((type !== "FULL_OBJECT" && type !== "COMPOSITE") || !isCombinable(algorithm, type)) {
    throw new S3Error("InvalidRequest", `The ${type} checksum type cannot be used with ${algorithm}.`);
  }
  return { algorithm, type, named: named !== undefined };
}
