import { xmlReply } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import { element, xmlDocument } from "../xml/write-xml.ts";
import { INITIATOR, limitOf, OWNER } from "./listing.ts";
import { type Operation, onObject } from "./operation.ts";
import { findUpload } from "./upload-part.ts";

const MOST_PARTS = 1000;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export const listParts: Operation = {
  needs: (request) => [onObject(request, "s3:ListMultipartUploadParts")],
  async run(call) {
    const { request, store } = call;
    const { id, properties } = findUpload(call);
    const limit = limitOf(request.query, "max-parts", MOST_PARTS);
    const marker = Number(request.query.get("part-number-marker") ?? 0);
    if (!Number.isSafeInteger(marker)) throw new S3Error("InvalidArgument", "A number is expected.");
    const rest = store.uploads.partsAfter(id, marker, limit + 1);
    const page = rest.slice(0, limit);
    const truncated = limit > 0 && rest.length > page.length;
    return xmlReply(
      xmlDocument(
        "ListPartsResult",
        element("Bucket", request.bucket),
        element("Key", request.key),
        element("UploadId", id),
        INITIATOR,
        OWNER,
        element("PartNumberMarker", marker),
        truncated ? element("NextPartNumberMarker", page.at(-1)?.number ?? marker) : undefined,
        element("MaxParts", limit),
        element("IsTruncated", String(truncated)),
        element("StorageClass", "STANDARD"),
        element("ChecksumAlgorithm", properties.algorithm),
        element("ChecksumType", properties.type),
        page.map((part) =>
          element(
            "Part",
            element("PartNumber", part.number),
            element("LastModified", new Date(part.modified).toISOString()),
            element("ETag", `"${part.md5}"`),
            element("Size", part.size),
            element(`Checksum${properties.algorithm}`, part.checksum),
          ),
        ),
      ),
    );
  },
};
