import { CHECKSUM_ALGORITHMS, checksumHeader } from "../body/checksum.ts";
import { readText } from "../body/read-text.ts";
import { asS3Error } from "../http/error-reply.ts";
import { xmlReply } from "../http/reply.ts";
import { LONGEST_KEY_BYTES } from "../http/request-target.ts";
import { S3Error } from "../s3-error.ts";
import { childrenNamed, childText, readXml, requiredText } from "../xml/read-xml.ts";
import { element, type Xml, xmlDocument } from "../xml/write-xml.ts";
import { deleteCondition } from "./conditions.ts";
import { notImplemented } from "./not-implemented.ts";
import { allows, type Operation, onObject, originOf, type S3Call } from "./operation.ts";
import { parseVersionId } from "./version-id.ts";

const MOST_KEYS = 1000;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export const deleteObjects: Operation = {
  needs: () => [], // asked for each key, so that those which may be deleted are
  async run(call) {
    requireDigest(call);
    const root = readXml(await readText(call.request, call.body), "Delete");
    const quiet = childText(root, "Quiet") === "true";
    const wanted = childrenNamed(root, "Object").map((object) => ({
      key: requiredText(object, "Key"),
      versionId: childText(object, "VersionId"),
      etag: childText(object, "ETag"),
      unknown: object.children.find(({ name }) => !KNOWN.includes(name))?.name,
    }));
    if (wanted.length === 0 || wanted.length > MOST_KEYS) throw new S3Error("MalformedXML");
    const results = await Promise.all(wanted.map((object) => deleteOne(call, object, quiet)));
    return xmlReply(xmlDocument("DeleteResult", results));
  },
};

/** S3 requires a digest of the list: a character that is lost on the way would delete something else. */
function requireDigest({ request }: S3Call): void {
  const digests = ["content-md5", "x-amz-trailer", ...CHECKSUM_ALGORITHMS.map(checksumHeader)];
  if (digests.some((name) => request.header(name) !== undefined)) return;
  throw new S3Error(
    "InvalidRequest",
    "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
  );
}

const KNOWN = ["Key", "VersionId", "ETag"];

/** `etag`: deleted only if the current version has it. `unknown`: another condition, which would not be looked at. */
type Wanted = {
  key: string;
  versionId: string | undefined;
  etag: string | undefined;
  unknown: string | undefined;
};

async function deleteOne(call: S3Call, wanted: Wanted, quiet: boolean): Promise<Xml | undefined> {
  const { key, versionId, etag } = wanted;
  try {
    const { bucket } = call.request;
    const action = versionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion";
    const actions = [action, ...(etag === undefined ? [] : ["s3:GetObject"])];
    const needs = actions.map((each) => onObject({ bucket, key }, each));
    if (!needs.every((need) => allows(call, need))) throw new S3Error("AccessDenied");
    if (wanted.unknown !== undefined) throw notImplemented(`${wanted.unknown} in a list of deletions`);
    if (key === "") throw new S3Error("UserKeyMustBeSpecified");
    if (Buffer.byteLength(key) > LONGEST_KEY_BYTES) throw new S3Error("KeyTooLongError");
    if (versionId !== undefined) parseVersionId(versionId);
    const check = deleteCondition(etag, versionId);
    const deleted = await call.changes.delete({ bucket, key, versionId, origin: originOf(call), check });
    if (quiet) return undefined;
    return element(
      "Deleted",
      describe(wanted),
      deleted.deleteMarker
        ? [element("DeleteMarker", "true"), element("DeleteMarkerVersionId", deleted.versionId ?? "")]
        : undefined,
    );
  } catch (fault) {
    const error = asS3Error(fault);
    return element("Error", describe(wanted), element("Code", error.code), element("Message", error.message));
  }
}

function describe({ key, versionId }: Wanted): Xml[] {
  return [element("Key", key), ...(versionId === undefined ? [] : [element("VersionId", versionId)])];
}
