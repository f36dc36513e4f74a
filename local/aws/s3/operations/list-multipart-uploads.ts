import { xmlReply } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import type { ListPosition } from "../store/list-position.ts";
import { sequenceOf } from "../store/opaque-id.ts";
import type { Upload } from "../store/uploads.ts";
import { element, type Xml, xmlDocument } from "../xml/write-xml.ts";
import {
  commonPrefixElements,
  INITIATOR,
  type ListQuery,
  lastOf,
  listElements,
  listPage,
  OWNER,
  positionAfter,
  readListQuery,
} from "./listing.ts";
import { type Operation, onBucket } from "./operation.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export const listMultipartUploads: Operation = {
  needs: (request) => [onBucket(request, "s3:ListBucketMultipartUploads")],
  async run({ request, store }) {
    const list = readListQuery(request, "max-uploads");
    const keyMarker = request.query.get("key-marker") ?? "";
    const uploadMarker = request.query.get("upload-id-marker") ?? "";
    const page = listPage(
      list,
      startOf(list, keyMarker, uploadMarker),
      (from) => store.uploads.list(request.bucket, list.prefix, from),
      ({ key, sequence }) => afterUpload(key, sequence),
    );
    const last = page.rows.at(-1);
    const nextKey = lastOf(page);
    return xmlReply(
      xmlDocument(
        "ListMultipartUploadsResult",
        element("Bucket", request.bucket),
        element("KeyMarker", list.encode(keyMarker)),
        element("UploadIdMarker", uploadMarker),
        listElements(list, page, "MaxUploads"),
        page.next === undefined
          ? undefined
          : [
              element("NextKeyMarker", list.encode(nextKey)),
              element("NextUploadIdMarker", last?.key === nextKey ? last.id : ""),
            ],
        page.rows.map((upload) => uploadElement(upload, list)),
        commonPrefixElements(page.prefixes, list),
      ),
    );
  },
};

function uploadElement({ key, id, created, properties }: Upload, { encode }: ListQuery): Xml {
  return element(
    "Upload",
    element("Key", encode(key)),
    element("UploadId", id),
    INITIATOR,
    OWNER,
    element("StorageClass", "STANDARD"),
    element("Initiated", new Date(created).toISOString()),
    element("ChecksumAlgorithm", properties.algorithm),
    element("ChecksumType", properties.type),
  );
}

/** After a key with all its uploads, or after one upload of it, which may be gone by now. */
function startOf(list: ListQuery, keyMarker: string, uploadMarker: string): ListPosition {
  if (uploadMarker === "" || keyMarker === "") return positionAfter(keyMarker, list);
  const sequence = sequenceOf(uploadMarker);
  if (sequence === undefined) throw new S3Error("InvalidArgument", "Invalid uploadId marker");
  return afterUpload(keyMarker, sequence);
}

/** Uploads of a key are listed oldest first. */
function afterUpload(key: string, sequence: number): ListPosition {
  return { key: Buffer.from(key), below: -sequence };
}
