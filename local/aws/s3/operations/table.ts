import { abortMultipartUpload } from "./abort-multipart-upload.ts";
import { bucketCors } from "./bucket-cors.ts";
import {
  bucketEncryption,
  bucketOwnershipControls,
  bucketTagging,
  publicAccessBlock,
} from "./bucket-documents.ts";
import { bucketLifecycle } from "./bucket-lifecycle.ts";
import { getBucketNotification, putBucketNotification } from "./bucket-notification.ts";
import { bucketPolicy } from "./bucket-policy.ts";
import { getBucketVersioning, putBucketVersioning } from "./bucket-versioning.ts";
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from "./buckets.ts";
import type { OperationName } from "./choose-operation.ts";
import { completeMultipartUpload } from "./complete-multipart-upload.ts";
import { copyObject } from "./copy-object.ts";
import { createMultipartUpload } from "./create-multipart-upload.ts";
import { deleteObject } from "./delete-object.ts";
import { deleteObjects } from "./delete-objects.ts";
import { getObject, headObject } from "./get-object.ts";
import { getObjectAttributes } from "./get-object-attributes.ts";
import { listMultipartUploads } from "./list-multipart-uploads.ts";
import { listObjectVersions } from "./list-object-versions.ts";
import { listObjects, listObjectsV2 } from "./list-objects.ts";
import { listParts } from "./list-parts.ts";
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from "./object-tagging.ts";
import type { Operation } from "./operation.ts";
import { postObject } from "./post-object.ts";
import { putObject } from "./put-object.ts";
import { uploadPart } from "./upload-part.ts";
import { uploadPartCopy } from "./upload-part-copy.ts";

/** Every operation, by the name that AWS gives it. */
export const operations: Record<OperationName, Operation> = {
  AbortMultipartUpload: abortMultipartUpload,
  CompleteMultipartUpload: completeMultipartUpload,
  CopyObject: copyObject,
  CreateBucket: createBucket,
  CreateMultipartUpload: createMultipartUpload,
  DeleteBucket: deleteBucket,
  DeleteBucketCors: bucketCors.delete,
  DeleteBucketEncryption: bucketEncryption.delete,
  DeleteBucketLifecycle: bucketLifecycle.delete,
  DeleteBucketOwnershipControls: bucketOwnershipControls.delete,
  DeleteBucketPolicy: bucketPolicy.delete,
  DeleteBucketTagging: bucketTagging.delete,
  DeleteObject: deleteObject,
  DeleteObjectTagging: deleteObjectTagging,
  DeleteObjects: deleteObjects,
  DeletePublicAccessBlock: publicAccessBlock.delete,
  GetBucketCors: bucketCors.get,
  GetBucketEncryption: bucketEncryption.get,
  GetBucketLifecycleConfiguration: bucketLifecycle.get,
  GetBucketLocation: getBucketLocation,
  GetBucketNotificationConfiguration: getBucketNotification,
  GetBucketOwnershipControls: bucketOwnershipControls.get,
  GetBucketPolicy: bucketPolicy.get,
  GetBucketTagging: bucketTagging.get,
  GetBucketVersioning: getBucketVersioning,
  GetObject: getObject,
  GetObjectAttributes: getObjectAttributes,
  GetObjectTagging: getObjectTagging,
  GetPublicAccessBlock: publicAccessBlock.get,
  HeadBucket: headBucket,
  HeadObject: headObject,
  ListBuckets: listBuckets,
  ListMultipartUploads: listMultipartUploads,
  ListObjectVersions: listObjectVersions,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListParts: listParts,
  PostObject: postObject,
  PutBucketCors: bucketCors.put,
  PutBucketEncryption: bucketEncryption.put,
  PutBucketLifecycleConfiguration: bucketLifecycle.put,
  PutBucketNotificationConfiguration: putBucketNotification,
  PutBucketOwnershipControls: bucketOwnershipControls.put,
  PutBucketPolicy: bucketPolicy.put,
  PutBucketTagging: bucketTagging.put,
  PutBucketVersioning: putBucketVersioning,
  PutObject: putObject,
  PutObjectTagging: putObjectTagging,
  PutPublicAccessBlock: publicAccessBlock.put,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
};
