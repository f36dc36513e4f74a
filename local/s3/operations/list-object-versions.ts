import { xmlReply } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import type { ListPosition } from "../store/list-position.ts";
import type { ObjectVersion } from "../store/object-version.ts";
import { element, type Xml, xmlDocument } from "../xml/write-xml.ts";
import {
  commonPrefixElements,
  type ListQuery,
  lastOf,
  listPage,
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
    const page = listPage(list, startOf(call, list, keyMarker, versionMarker), (from, limit) =>
      store.objects.listVersions(request.bucket, list.prefix, from, limit),
    );
    const last = page.rows.at(-1);
    const nextKey = lastOf(page);
    return xmlReply(
      xmlDocument(
        "ListVersionsResult",
        element("Name", request.bucket),
        element("Prefix", list.encode(list.prefix)),
        list.delimiter === "" ? undefined : element("Delimiter", list.encode(list.delimiter)),
        element("KeyMarker", list.encode(keyMarker)),
        element("VersionIdMarker", versionMarker ?? ""),
        element("MaxKeys", list.limit),
        list.encodingType,
        element("IsTruncated", String(page.next !== undefined)),
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

/** After a key with all its versions, or after one version of it. */
function startOf(
  { request, store }: S3Call,
  list: ListQuery,
  keyMarker: string,
  versionMarker: string | undefined,
): ListPosition {
  if (versionMarker === undefined || versionMarker === "") return positionAfter(keyMarker, list);
  if (keyMarker === "") throw new S3Error("InvalidArgument", "A version-id marker needs a key marker.");
  const version = store.objects.find(request.bucket, keyMarker, versionMarker);
  if (version === undefined) throw new S3Error("InvalidArgument", "Invalid version id specified");
  return { key: Buffer.from(keyMarker), below: version.sequence };
}
