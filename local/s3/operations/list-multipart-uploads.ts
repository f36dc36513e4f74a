import { xmlReply } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import { element, xmlDocument } from "../xml/write-xml.ts";
import { commonPrefixElements, lastOf, listPage, positionAfter, readListQuery } from "./listing.ts";
import { type Operation, onBucket } from "./operation.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export const listMultipartUploads: Operation = {
  needs: (request) => [onBucket(request, "s3:ListBucketMultipartUploads")],
  async run({ request, store }) {
    const list = readListQuery(request, "max-uploads");
    const keyMarker = request.query.get("key-marker") ?? "";
    const uploadMarker = request.query.get("upload-id-marker") ?? "";
    const marked =
      uploadMarker === "" ? undefined : store.uploads.find(request.bucket, keyMarker, uploadMarker);
    if (uploadMarker !== "" && marked === undefined)
      throw new S3Error("InvalidArgument", "Invalid uploadId marker");
    const from =
      marked === undefined
        ? positionAfter(keyMarker, list)
        : { key: Buffer.from(keyMarker), below: marked.sequence };
    const page = listPage(list, from, (position, limit) =>
      store.uploads.list(request.bucket, list.prefix, position, limit),
    );
    const last = page.rows.at(-1);
    const nextKey = lastOf(page);
    return xmlReply(
      xmlDocument(
        "ListMultipartUploadsResult",
        element("Bucket", request.bucket),
        element("KeyMarker", list.encode(keyMarker)),
        element("UploadIdMarker", uploadMarker),
        element("Prefix", list.encode(list.prefix)),
        list.delimiter === "" ? undefined : element("Delimiter", list.encode(list.delimiter)),
        element("MaxUploads", list.limit),
        list.encodingType,
        element("IsTruncated", String(page.next !== undefined)),
        page.next === undefined
          ? undefined
          : [
              element("NextKeyMarker", list.encode(nextKey)),
              element("NextUploadIdMarker", last?.key === nextKey ? last.id : ""),
            ],
        page.rows.map(({ key, id, created }) =>
          element(
            "Upload",
            element("Key", list.encode(key)),
            element("UploadId", id),
            element("StorageClass", "STANDARD"),
            element("Initiated", new Date(created).toISOString()),
          ),
        ),
        commonPrefixElements(page.prefixes, list),
      ),
    );
  },
};
