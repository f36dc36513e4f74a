import { readText } from "../body/read-text.ts";
import { EMPTY, NO_CONTENT, xmlReply } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import type { Bucket } from "../store/buckets.ts";
import { requireBucket } from "../store/require-bucket.ts";
import { childText, readXml } from "../xml/read-xml.ts";
import { element, type Xml, xmlDocument } from "../xml/write-xml.ts";
import { limitOf, OWNER } from "./listing.ts";
import { notImplemented } from "./not-implemented.ts";
import { type Operation, onBucket } from "./operation.ts";

const MOST_BUCKETS = 10_000;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export const listBuckets: Operation = {
  needs: () => [{ action: "s3:ListAllMyBuckets", resource: "arn:aws:s3:::*" }],
  async run({ request, store, region }) {
    const limit = limitOf(request.query, "max-buckets", MOST_BUCKETS);
    const prefix = request.query.get("prefix") ?? "";
    const after = Buffer.from(request.query.get("continuation-token") ?? "", "base64url").toString();
    const wanted = store.buckets.list().filter(({ name }) => name.startsWith(prefix) && name > after);
    const page = wanted.slice(0, limit);
    const last = page.length < wanted.length ? page.at(-1) : undefined;
    return xmlReply(
      xmlDocument(
        "ListAllMyBucketsResult",
        OWNER,
        element(
          "Buckets",
          page.map((bucket) => bucketElement(bucket, region)),
        ),
        prefix === "" ? undefined : element("Prefix", prefix),
        last && element("ContinuationToken", Buffer.from(last.name).toString("base64url")),
      ),
    );
  },
};

function bucketElement({ name, created }: Bucket, region: string): Xml {
  return element(
    "Bucket",
    element("Name", name),
    element("CreationDate", new Date(created).toISOString()),
    element("BucketRegion", region),
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET_NAME = /^(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
export const createBucket: Operation = {
  needs: (request) => [onBucket(request, "s3:CreateBucket")],
  async run({ request, body, store, now, region }) {
    const { bucket } = request;
    if (!BUCKET_NAME.test(bucket))
      throw new S3Error("InvalidBucketName", undefined, { details: { BucketName: bucket } });
    checkLocation(await readText(request, body), region);
    await store.database.transaction(() => {
      if (store.buckets.find(bucket) === undefined) store.buckets.create(bucket, now());
      // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html#API_CreateBucket_Errors
      else if (region !== "us-east-1") throw new S3Error("BucketAlreadyOwnedByYou");
    });
    return { ...EMPTY, headers: { "content-length": 0, location: `/${bucket}` } };
  },
};

/** @throws {S3Error} for another region than the one that there is, and for a kind of bucket that is missing here. */
function checkLocation(document: string, region: string): void {
  if (document === "") return;
  const root = readXml(document, "CreateBucketConfiguration");
  const unknown = root.children.find(({ name }) => name !== "LocationConstraint");
  if (unknown !== undefined) throw notImplemented(`${unknown.name} of a new bucket`);
  const wanted = childText(root, "LocationConstraint") ?? "";
  if (wanted === "" || wanted === region || (wanted === "EU" && region === "eu-west-1")) return;
  throw new S3Error(
    "IllegalLocationConstraintException",
    `The ${wanted} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export const headBucket: Operation = {
  needs: (request) => [onBucket(request, "s3:ListBucket")],
  run: async ({ region }) => ({ ...EMPTY, headers: { "content-length": 0, "x-amz-bucket-region": region } }),
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html */
export const deleteBucket: Operation = {
  needs: (request) => [onBucket(request, "s3:DeleteBucket")],
  async run({ request, store }) {
    const unfinished = await store.database.transaction(() => {
      const { name } = requireBucket(store, request.bucket);
      if (!store.objects.isEmpty(name)) throw new S3Error("BucketNotEmpty");
      const parts = store.uploads.deleteAll(name);
      store.buckets.delete(name);
      return parts;
    });
    store.blobs.discard(unfinished);
    return NO_CONTENT;
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html */
export const getBucketLocation: Operation = {
  needs: (request) => [onBucket(request, "s3:GetBucketLocation")],
  run: async ({ region }) =>
    xmlReply(xmlDocument("LocationConstraint", region === "us-east-1" ? "" : region)),
};
