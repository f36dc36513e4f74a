import { xmlReply } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import { at, type ListPosition } from "../store/list-position.ts";
import type { ObjectVersion } from "../store/object-version.ts";
import { element, type Xml, xmlDocument } from "../xml/write-xml.ts";
import {
  commonPrefixElements,
  type ListPage,
  type ListQuery,
  lastOf,
  listPage,
  positionAfter,
  readListQuery,
} from "./listing.ts";
import { type Operation, onBucket, type S3Call } from "./operation.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export const listObjectsV2: Operation = {
  needs: (request) => [onBucket(request, "s3:ListBucket")],
  async run(call) {
    const { query } = call.request;
    const list = readListQuery(call.request);
    const token = query.get("continuation-token");
    const startAfter = query.get("start-after");
    const page = pageOf(call, list, startOf(token, startAfter, list));
    return xmlReply(
      xmlDocument(
        "ListBucketResult",
        head(call, list, page),
        element("KeyCount", page.rows.length + page.prefixes.length),
        token === undefined ? undefined : element("ContinuationToken", token),
        startAfter === undefined ? undefined : element("StartAfter", list.encode(startAfter)),
        page.next === undefined ? undefined : element("NextContinuationToken", formatToken(page.next)),
        page.rows.map((row) => contents(row, list)),
        commonPrefixElements(page.prefixes, list),
      ),
    );
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export const listObjects: Operation = {
  needs: listObjectsV2.needs,
  async run(call) {
    const list = readListQuery(call.request);
    const marker = call.request.query.get("marker") ?? "";
    const page = pageOf(call, list, positionAfter(marker, list));
    return xmlReply(
      xmlDocument(
        "ListBucketResult",
        head(call, list, page),
        element("Marker", list.encode(marker)),
        page.next === undefined ? undefined : element("NextMarker", list.encode(lastOf(page))),
        page.rows.map((row) => contents(row, list)),
        commonPrefixElements(page.prefixes, list),
      ),
    );
  },
};

function pageOf({ store, request }: S3Call, list: ListQuery, from: ListPosition): ListPage<ObjectVersion> {
  return listPage(list, from, (position, limit) =>
    store.objects.listLatest(request.bucket, list.prefix, position, limit),
  );
}

function head({ request }: S3Call, list: ListQuery, page: ListPage<ObjectVersion>): Xml[] {
  return [
    element("Name", request.bucket),
    element("Prefix", list.encode(list.prefix)),
    ...(list.delimiter === "" ? [] : [element("Delimiter", list.encode(list.delimiter))]),
    element("MaxKeys", list.limit),
    ...(list.encodingType === undefined ? [] : [list.encodingType]),
    element("IsTruncated", String(page.next !== undefined)),
  ];
}

function contents(version: ObjectVersion, { encode }: ListQuery): Xml {
  const { checksum } = version.properties;
  return element(
    "Contents",
    element("Key", encode(version.key)),
    element("LastModified", new Date(version.modified).toISOString()),
    element("ETag", `"${version.etag}"`),
    checksum && [element("ChecksumAlgorithm", checksum.algorithm), element("ChecksumType", checksum.type)],
    element("Size", version.size),
    element("StorageClass", "STANDARD"),
  );
}

/** A token is opaque to its client: the sequence below which to go on, and the key. */
function formatToken({ key, below }: ListPosition): string {
  return Buffer.concat([Buffer.from(`${below}:`), key]).toString("base64url");
}

function startOf(token: string | undefined, startAfter: string | undefined, list: ListQuery): ListPosition {
  if (token === undefined) {
    return startAfter === undefined ? at(Buffer.from(list.prefix)) : positionAfter(startAfter, list);
  }
  const bytes = Buffer.from(token, "base64url");
  const colon = bytes.indexOf(":");
  const below = bytes.toString("latin1", 0, Math.max(0, colon));
  if (!/^\d{1,16}$/.test(below) || !Number.isSafeInteger(Number(below))) {
    throw new S3Error("InvalidArgument", "The continuation token provided is incorrect");
  }
  return { key: bytes.subarray(colon + 1), below: Number(below) };
}
