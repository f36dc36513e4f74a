import { xmlReply } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import { at, type ListPosition } from "../store/list-position.ts";
import { NULL_VERSION, type ObjectVersion } from "../store/object-version.ts";
import { sequenceOf } from "../store/opaque-id.ts";
import { element, type Xml, xmlDocument } from "../xml/write-xml.ts";
import {
  commonPrefixElements,
  type ListQuery,
  lastOf,
  listElements,
  listPage,
  OWNER,
  positionAfter,
  readListQuery,
} from "./listing.ts";
import { type Operation, onBucket, type S3Call } from "./operation.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export const listObjectVersions: Operation = {
  needs: (request) => [onBucket(request, "s3:ListBucketVersions")],
  async run(call) {
    const { request, store } = call;
    const list = readListQuery(request);
    const keyMarker = request.query.get("key-marker") ?? "";
    const versionMarker = request.query.get("version-id-marker");
    const page = listPage(
      list,
      startOf(call, list, keyMarker, versionMarker),
      (from) => store.objects.listVersions(request.bucket, list.prefix, from),
      ({ key, sequence }) => ({ key: Buffer.from(key), below: sequence }),
    );
    const last = page.rows.at(-1);
    const nextKey = lastOf(page);
    return xmlReply(
      xmlDocument(
        "ListVersionsResult",
        element("Name", request.bucket),
        listElements(list, page),
        element("KeyMarker", list.encode(keyMarker)),
        element("VersionIdMarker", versionMarker ?? ""),
        page.next === undefined
          ? undefined
          : [
              element("NextKeyMarker", list.encode(nextKey)),
              last?.key === nextKey ? element("NextVersionIdMarker", last.versionId) : undefined,
            ],
        page.rows.map((row) => versionElement(row, list)),
        commonPrefixElements(page.prefixes, list),
      ),
    );
  },
};

function versionElement(version: ObjectVersion, { encode }: ListQuery): Xml {
  const common = [
    element("Key", encode(version.key)),
    element("VersionId", version.versionId),
    element("IsLatest", String(version.latest)),
    element("LastModified", new Date(version.modified).toISOString()),
    OWNER,
  ];
  if (version.deleteMarker) return element("DeleteMarker", common);
  return element(
    "Version",
    common,
    element("ETag", `"${version.etag}"`),
    element("Size", version.size),
    element("StorageClass", "STANDARD"),
  );
}

/** After a key with all its versions, or after one version of it, which may be gone by now. */
function startOf(
  { request, store }: S3Call,
  list: ListQuery,
  keyMarker: string,
  versionMarker: string | undefined,
): ListPosition {
  if (versionMarker === undefined || versionMarker === "") return positionAfter(keyMarker, list);
  if (keyMarker === "") throw new S3Error("InvalidArgument", "A version-id marker needs a key marker.");
  const key = Buffer.from(keyMarker);
  const sequence =
    store.objects.find(request.bucket, keyMarker, versionMarker)?.sequence ?? sequenceOf(versionMarker);
  if (sequence !== undefined) return { key, below: sequence };
  if (versionMarker === NULL_VERSION) return at(key); // its position among the others is no longer known
  throw new S3Error("InvalidArgument", "Invalid version id specified");
}
