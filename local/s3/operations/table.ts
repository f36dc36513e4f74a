import { abortMultipartUpload } from "./abort-multipart-upload.ts";
import { getBucketVersioning, putBucketVersioning } from "./bucket-versioning.ts";
import type { OperationName } from "./choose-operation.ts";
import { completeMultipartUpload } from "./complete-multipart-upload.ts";
import { createMultipartUpload } from "./create-multipart-upload.ts";
import { deleteObject } from "./delete-object.ts";
import { getObject, headObject } from "./get-object.ts";
import { listObjects, listObjectsV2 } from "./list-objects.ts";
import type { Operation } from "./operation.ts";
import { putObject } from "./put-object.ts";
import { uploadPart } from "./upload-part.ts";

/** Every operation by its name. */
export const operations: Partial<Record<OperationName, Operation>> = {
  AbortMultipartUpload: abortMultipartUpload,
  CompleteMultipartUpload: completeMultipartUpload,
  CreateMultipartUpload: createMultipartUpload,
  DeleteObject: deleteObject,
  GetBucketVersioning: getBucketVersioning,
  GetObject: getObject,
  HeadObject: headObject,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  PutBucketVersioning: putBucketVersioning,
  PutObject: putObject,
  UploadPart: uploadPart,
};
