import { NO_CONTENT } from "../http/reply.ts";
import { type Operation, onObject } from "./operation.ts";
import { findUpload } from "./upload-part.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export const abortMultipartUpload: Operation = {
  needs: (request) => [onObject(request, "s3:AbortMultipartUpload")],
  async run(call) {
    const { store } = call;
    const parts = await store.database.transaction(() => store.uploads.delete(findUpload(call).id));
    store.blobs.discard(parts);
    return NO_CONTENT;
  },
};
