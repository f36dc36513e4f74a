import { S3Error } from "../s3-error.ts";
import { refuseSubresources } from "./not-implemented.ts";

/** By `<what>.<subresource>`, then by method. A request's first known subresource decides; empty: it has none. */
const OPERATIONS = {
  service: { GET: "ListBuckets" },

  bucket: {
    GET: "ListObjects",
    HEAD: "HeadBucket",
    PUT: "CreateBucket",
    DELETE: "DeleteBucket",
    POST: "PostObject",
  },
  "bucket.list-type": { GET: "ListObjectsV2" },
  "bucket.versions": { GET: "ListObjectVersions" },
  "bucket.uploads": { GET: "ListMultipartUploads" },
  "bucket.delete": { POST: "DeleteObjects" },
  "bucket.location": { GET: "GetBucketLocation" },
  "bucket.versioning": { GET: "GetBucketVersioning", PUT: "PutBucketVersioning" },
  "bucket.cors": { GET: "GetBucketCors", PUT: "PutBucketCors", DELETE: "DeleteBucketCors" },
  "bucket.notification": {
    GET: "GetBucketNotificationConfiguration",
    PUT: "PutBucketNotificationConfiguration",
  },
  "bucket.policy": { GET: "GetBucketPolicy", PUT: "PutBucketPolicy", DELETE: "DeleteBucketPolicy" },
  "bucket.lifecycle": {
    GET: "GetBucketLifecycleConfiguration",
    PUT: "PutBucketLifecycleConfiguration",
    DELETE: "DeleteBucketLifecycle",
  },
  "bucket.encryption": {
    GET: "GetBucketEncryption",
    PUT: "PutBucketEncryption",
    DELETE: "DeleteBucketEncryption",
  },
  "bucket.publicAccessBlock": {
    GET: "GetPublicAccessBlock",
    PUT: "PutPublicAccessBlock",
    DELETE: "DeletePublicAccessBlock",
  },
  "bucket.ownershipControls": {
    GET: "GetBucketOwnershipControls",
    PUT: "PutBucketOwnershipControls",
    DELETE: "DeleteBucketOwnershipControls",
  },
  "bucket.tagging": { GET: "GetBucketTagging", PUT: "PutBucketTagging", DELETE: "DeleteBucketTagging" },

  object: {
    GET: "GetObject",
    HEAD: "HeadObject",
    PUT: "PutObject",
    DELETE: "DeleteObject",
  },
  "object.copy": { PUT: "CopyObject" },
  "object.tagging": { GET: "GetObjectTagging", PUT: "PutObjectTagging", DELETE: "DeleteObjectTagging" },
  "object.attributes": { GET: "GetObjectAttributes" },
  "object.uploads": { POST: "CreateMultipartUpload" },
  "object.uploadId": {
    GET: "ListParts",
    PUT: "UploadPart",
    POST: "CompleteMultipartUpload",
    DELETE: "AbortMultipartUpload",
  },
  "object.uploadId.copy": { PUT: "UploadPartCopy" },
} as const;

type Table = typeof OPERATIONS;
type NamesIn<Methods> = Methods extends Record<string, infer Name> ? Name : never;
export type OperationName = { [Place in keyof Table]: NamesIn<Table[Place]> }[keyof Table];

/**
 * Which operation a request asks for.
 *
 * @throws {S3Error} `MethodNotAllowed`, `NotImplemented`
 */
export function chooseOperation(request: {
  method: string;
  bucket: string;
  key: string;
  query: ReadonlyMap<string, string>;
  copies: boolean;
}): OperationName {
  const { method, bucket, key, query } = request;
  refuseSubresources(query);
  const what = bucket === "" ? "service" : key === "" ? "bucket" : "object";
  const subresource = [...query.keys()].find((name) => Object.hasOwn(OPERATIONS, `${what}.${name}`));
  const copy = request.copies && method === "PUT" ? "copy" : undefined;
  const place = [what, subresource, copy].filter((part) => part !== undefined).join(".");
  const methods = new Map<string, Record<string, OperationName>>(Object.entries(OPERATIONS)).get(place);
  const name = methods !== undefined && Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (name === undefined) throw new S3Error("MethodNotAllowed");
  return name;
}
