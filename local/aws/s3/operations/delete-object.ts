import { NO_CONTENT } from "../http/reply.ts";
import { deleteCondition } from "./conditions.ts";
import { conditionPermissions, type Operation, originOf, versioned, versionIdOf } from "./operation.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export const deleteObject: Operation = {
  needs: (request) => [
    versioned(request, "s3:DeleteObject", "s3:DeleteObjectVersion"),
    ...conditionPermissions(request),
  ],
  async run(call) {
    const { bucket, key } = call.request;
    const versionId = versionIdOf(call.request);
    const check = deleteCondition(call.request.header("if-match"), versionId);
    const deleted = await call.changes.delete({ bucket, key, versionId, origin: originOf(call), check });
    return {
      ...NO_CONTENT,
      headers: {
        ...(deleted.deleteMarker ? { "x-amz-delete-marker": "true" } : {}),
        ...(deleted.versionId === undefined ? {} : { "x-amz-version-id": deleted.versionId }),
      },
    };
  },
};
