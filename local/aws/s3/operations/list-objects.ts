import { xmlReply } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import { after, at, type ListPosition } from "../store/list-position.ts";
import type { ObjectVersion } from "../store/object-version.ts";
import { element, type Xml, xmlDocument } from "../xml/write-xml.ts";
import {
  commonPrefixElements,
  type ListPage,
  type ListQuery,
  lastOf,
  listElements,
  listPage,
  OWNER,
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
    const owner = query.get("fetch-owner") === "true" ? OWNER : undefined;
    const token = query.get("continuation-token");
    const startAfter = query.get("start-after");
    const page = pageOf(call, list, startOf(token, startAfter, list));
    return xmlReply(
      xmlDocument(
        "ListBucketResult",
        element("Name", call.request.bucket),
        listElements(list, page),
        element("KeyCount", page.rows.length + page.prefixes.length),
        token === undefined ? undefined : element("ContinuationToken", token),
        startAfter === undefined ? undefined : element("StartAfter", list.encode(startAfter)),
        page.next === undefined ? undefined : element("NextContinuationToken", formatToken(page.next)),
        page.rows.map((row) => contents(row, list, owner)),
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
        element("Name", call.request.bucket),
        listElements(list, page),
        element("Marker", list.encode(marker)),
        // Without a delimiter the last key is the next marker, so S3 does not repeat it.
        page.next === undefined || list.delimiter === ""
          ? undefined
          : element("NextMarker", list.encode(lastOf(page))),
        page.rows.map((row) => contents(row, list, OWNER)),
        commonPrefixElements(page.prefixes, list),
      ),
    );
  },
};

function pageOf({ store, request }: S3Call, list: ListQuery, from: ListPosition): ListPage<ObjectVersion> {
  return listPage(
    list,
    from,
    (position) => store.objects.listLatest(request.bucket, list.prefix, position),
    ({ key }) => after(Buffer.from(key)),
  );
}

function contents(version: ObjectVersion, { encode }: ListQuery, owner: Xml | undefined): Xml {
  const { checksum } = version.properties;
  return element(
    "Contents",
    element("Key", encode(version.key)),
    element("LastModified", new Date(version.modified).toISOString()),
    element("ETag", `"${version.etag}"`),
    checksum && [element("ChecksumAlgorithm", checksum.algorithm), element("ChecksumType", checksum.type)],
    element("Size", version.size),
    element("StorageClass", "STANDARD"),
    owner,
  );
}

const AFTER_KEY = ">";
const AT_KEY = "=";

/** A token is opaque to its client: a key, and whether the listing goes on after it or, past a common prefix, at it. */
function formatToken({ key, below }: ListPosition): string {
  const isAfter = below === after(key).below;
  return Buffer.concat([Buffer.from(isAfter ? AFTER_KEY : AT_KEY), key]).toString("base64url");
}

function startOf(token: string | undefined, startAfter: string | undefined, list: ListQuery): ListPosition {
  if (token === undefined || token === "") {
    return startAfter === undefined ? at(Buffer.from(list.prefix)) : positionAfter(startAfter, list);
  }
  const bytes = Buffer.from(token, "base64url");
  const [kind, key] = [bytes.toString("latin1", 0, 1), bytes.subarray(1)];
  if (kind === AFTER_KEY) return after(key);
  if (kind === AT_KEY) return at(key);
  throw new S3Error("InvalidArgument", "The continuation token provided is incorrect");
}
