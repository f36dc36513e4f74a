import { createDigester } from "../body/digests.ts";
import { readText } from "../body/read-text.ts";
import { xmlReply } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import { element, xmlDocument } from "../xml/write-xml.ts";
import { copySourcePermission, copySourceVersion, findCopySource } from "./copy-source.ts";
import { encryptionHeader } from "./object-headers.ts";
import { type Operation, onObject } from "./operation.ts";
import { MOST_BYTES_PER_PUT, receiveBytes } from "./receive-object.ts";
import { findUpload, partNumberOf, storePart } from "./upload-part.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export const uploadPartCopy: Operation = {
  needs: (request) => [onObject(request, "s3:PutObject"), copySourcePermission(request)],
  async run(call) {
    const { request, store } = call;
    const number = partNumberOf(call);
    const { properties } = findUpload(call);
    const { algorithm } = properties;
    await readText(request, call.body); // empty, but verified like any
    const source = findCopySource(call);
    const { version } = source;
    const { first, last } = rangeOf(request.header("x-amz-copy-source-range"), version.size);
    const bytes = await store.blobs.read(version.segments, first, last);
    const digester = createDigester({ header: () => undefined }, undefined, algorithm);
    const received = await receiveBytes(store.blobs, copied(bytes), digester, MOST_BYTES_PER_PUT);
    const { modified } = await storePart(call, number, received);
    return xmlReply(
      xmlDocument(
        "CopyPartResult",
        element("ETag", `"${received.md5.toString("hex")}"`),
        element("LastModified", new Date(modified).toISOString()),
        element(`Checksum${algorithm}`, received.checksum.value),
      ),
      { ...copySourceVersion(store, source), ...encryptionHeader(properties) },
    );
  },
};

/** Copies each piece: the source overwrites it while it still waits to be written. */
async function* copied(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of source) yield Buffer.from(piece);
}

/** Only `bytes=first-last`, within the source. */
function rangeOf(header: string | undefined, size: number): { first: number; last: number } {
  if (header === undefined) return { first: 0, last: size - 1 };
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header) ?? [];
  const range = { first: Number(first), last: Number(last) };
  if (!(range.first <= range.last && range.last < size)) {
    throw new S3Error("InvalidArgument", "The x-amz-copy-source-range value must be within the source.");
  }
  return range;
}
