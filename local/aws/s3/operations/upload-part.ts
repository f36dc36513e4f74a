import { checksumHeaders } from "../body/checksum.ts";
import { givenAlgorithm } from "../body/digests.ts";
import { EMPTY } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import type { Upload } from "../store/uploads.ts";
import { encryptionHeader } from "./object-headers.ts";
import { type Operation, onObject, type S3Call } from "./operation.ts";
import { orDiscard, type Received, receivePayload } from "./receive-object.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export const uploadPart: Operation = {
  needs: (request) => [onObject(request, "s3:PutObject")],
  async run(call) {
    const number = partNumberOf(call);
    const { properties } = findUpload(call);
    const given = givenAlgorithm(call.request);
    if (properties.named === true && given !== undefined && given !== properties.algorithm) {
      const [expected, actual] = [properties.algorithm.toLowerCase(), given.toLowerCase()];
      throw new S3Error(
        "InvalidRequest",
        `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`,
      );
    }
    const received = await receivePayload(call.store.blobs, call.request, call.body, properties.algorithm);
    await storePart(call, number, received);
    return {
      ...EMPTY,
      headers: {
        "content-length": 0,
        etag: `"${received.md5.toString("hex")}"`,
        ...checksumHeaders(received.verified ?? received.checksum),
        ...encryptionHeader(properties),
      },
    };
  },
};

/** Puts a part in its place, and discards the one that was there. */
export async function storePart(
  call: S3Call,
  number: number,
  received: Received,
): Promise<{ modified: number }> {
  const { store, now } = call;
  const { segments, bytes: size, checksum } = received;
  const modified = now();
  const part = {
    number,
    segments,
    size,
    md5: received.md5.toString("hex"),
    checksum: checksum.value,
    modified,
  };
  const replaced = await orDiscard(
    store.blobs,
    segments,
    store.database.transaction(() => store.uploads.putPart(findUpload(call).id, part)),
  );
  store.blobs.discard(replaced?.segments ?? []);
  return { modified };
}

/** @throws {S3Error} `InvalidArgument` */
export function partNumberOf({ request }: S3Call): number {
  const text = request.query.get("partNumber") ?? "";
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > 10_000) {
    throw new S3Error("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
  }
  return Number(text);
}

/** @throws {S3Error} `NoSuchUpload` */
export function findUpload({ request, store }: Pick<S3Call, "request" | "store">): Upload {
  const upload = store.uploads.find(request.bucket, request.key, request.query.get("uploadId") ?? "");
  if (upload === undefined) throw new S3Error("NoSuchUpload");
  return upload;
}
