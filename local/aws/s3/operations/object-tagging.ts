import { readText } from "../body/read-text.ts";
import { EMPTY, NO_CONTENT, xmlReply } from "../http/reply.ts";
import type { Pairs } from "../store/object-version.ts";
import { findObject } from "./find-object.ts";
import { type Operation, type S3Call, versioned, versionIdOf } from "./operation.ts";
import { parseTagDocument, tagDocument } from "./tags.ts";
import { versionHeader } from "./version-header.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html */
export const getObjectTagging: Operation = {
  needs: (request) => [versioned(request, "s3:GetObjectTagging", "s3:GetObjectVersionTagging")],
  async run(call) {
    const { bucket, version } = findVersion(call);
    return xmlReply(tagDocument(version.properties.tags), versionHeader(bucket, version.versionId));
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html */
export const putObjectTagging: Operation = {
  needs: (request) => [versioned(request, "s3:PutObjectTagging", "s3:PutObjectVersionTagging")],
  async run(call) {
    const tags = parseTagDocument(await readText(call.request, call.body));
    const headers = await setTags(call, tags);
    return { ...EMPTY, headers: { "content-length": 0, ...headers } };
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html */
export const deleteObjectTagging: Operation = {
  needs: (request) => [versioned(request, "s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging")],
  run: async (call) => ({ ...NO_CONTENT, headers: await setTags(call, []) }),
};

function findVersion(call: S3Call) {
  return findObject(call, { ...call.request, versionId: versionIdOf(call.request) });
}

async function setTags(call: S3Call, tags: Pairs): Promise<Record<string, string>> {
  return await call.store.database.transaction(() => {
    const { bucket, version } = findVersion(call);
    call.store.objects.setProperties(version, { ...version.properties, tags });
    return versionHeader(bucket, version.versionId);
  });
}
