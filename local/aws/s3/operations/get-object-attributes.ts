import { xmlReply } from "../http/reply.ts";
import type { S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import type { ObjectVersion } from "../store/object-version.ts";
import { element, type Xml, xmlDocument } from "../xml/write-xml.ts";
import { findObject } from "./find-object.ts";
import { partCount } from "./multipart-etag.ts";
import { type Operation, versioned, versionIdOf } from "./operation.ts";
import { versionHeader } from "./version-header.ts";

const ATTRIBUTES: Record<string, (version: ObjectVersion) => Xml | undefined> = {
  ETag: ({ etag }) => element("ETag", etag),
  Checksum: ({ properties: { checksum } }) =>
    checksum &&
    element(
      "Checksum",
      element(`Checksum${checksum.algorithm}`, checksum.value),
      element("ChecksumType", checksum.type),
    ),
  ObjectParts: (version) => {
    const count = partCount(version);
    return count === undefined ? undefined : element("ObjectParts", element("PartsCount", count));
  },
  StorageClass: () => element("StorageClass", "STANDARD"),
  ObjectSize: ({ size }) => element("ObjectSize", size),
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
export const getObjectAttributes: Operation = {
  needs: (request) => [
    versioned(request, "s3:GetObject", "s3:GetObjectVersion"),
    versioned(request, "s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"),
  ],
  async run(call) {
    const { request } = call;
    const wanted = readWanted(request);
    const { bucket, version } = findObject(call, { ...request, versionId: versionIdOf(request) });
    return xmlReply(
      xmlDocument(
        "GetObjectAttributesResponse",
        wanted.map((describe) => describe(version)),
      ),
      {
        "last-modified": new Date(version.modified).toUTCString(),
        ...versionHeader(bucket, version.versionId),
      },
    );
  },
};

function readWanted(request: S3Request): ((version: ObjectVersion) => Xml | undefined)[] {
  const names = (request.header("x-amz-object-attributes") ?? "").split(",").map((name) => name.trim());
  return names.map((name) => {
    const describe = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
    if (describe === undefined) throw new S3Error("InvalidArgument", "Invalid attribute name specified.");
    return describe;
  });
}
