import * as v from "valibot";
import { compilePolicy } from "../../iam/evaluate-policy.ts";
import { PolicyStatement } from "../../iam/policy-statement.ts";
import { S3Error } from "../s3-error.ts";
import type { BucketSettings } from "../store/buckets.ts";
import { childrenNamed, childText, readXml, requiredText, type XmlElement } from "../xml/read-xml.ts";
import { bucketConfiguration } from "./bucket-configuration.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html */
export const bucketCors = bucketConfiguration({
  root: "CORSConfiguration",
  actions: { get: "s3:GetBucketCORS", put: "s3:PutBucketCORS" },
  missing: "NoSuchCORSConfiguration",
  apply: (document) => ({ cors: document === undefined ? [] : readCors(document) }),
});

function readCors(document: string): BucketSettings["cors"] {
  const rules = childrenNamed(readXml(document, "CORSConfiguration"), "CORSRule");
  if (rules.length === 0 || rules.length > 100) throw new S3Error("MalformedXML");
  return rules.map((rule) => {
    const texts = (name: string) => childrenNamed(rule, name).map(({ text }) => text);
    const maxAge = childText(rule, "MaxAgeSeconds");
    const methods = texts("AllowedMethod");
    const known = methods.every((method) => ["GET", "PUT", "POST", "DELETE", "HEAD"].includes(method));
    if (methods.length === 0 || !known || texts("AllowedOrigin").length === 0) {
      throw new S3Error("InvalidRequest", "A CORS rule needs an AllowedOrigin, and methods that CORS knows.");
    }
    return {
      origins: texts("AllowedOrigin"),
      methods,
      headers: texts("AllowedHeader"),
      expose: texts("ExposeHeader"),
      ...(maxAge === undefined ? {} : { maxAgeSeconds: wholeNumber(maxAge) }),
    };
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html, of which `Days` is done. */
export const bucketLifecycle = bucketConfiguration({
  root: "LifecycleConfiguration",
  actions: { get: "s3:GetLifecycleConfiguration", put: "s3:PutLifecycleConfiguration" },
  missing: "NoSuchLifecycleConfiguration",
  apply: (document) => ({ expirations: document === undefined ? [] : readExpirations(document) }),
});

function readExpirations(document: string): BucketSettings["expirations"] {
  const rules = childrenNamed(readXml(document, "LifecycleConfiguration"), "Rule");
  if (rules.length === 0) throw new S3Error("MalformedXML");
  return rules
    .filter((rule) => requiredText(rule, "Status") === "Enabled")
    .flatMap((rule) => {
      const filter = childrenNamed(rule, "Filter")[0] ?? rule;
      const prefix = childText(childrenNamed(filter, "And")[0] ?? filter, "Prefix") ?? "";
      const days = childrenNamed(rule, "Expiration").map((expiration) => childText(expiration, "Days"));
      return days.flatMap((text) => (text === undefined ? [] : [{ prefix, days: wholeNumber(text) }]));
    });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html */
export const bucketPolicy = bucketConfiguration({
  root: "Policy",
  actions: { get: "s3:GetBucketPolicy", put: "s3:PutBucketPolicy", delete: "s3:DeleteBucketPolicy" },
  missing: "NoSuchBucketPolicy",
  contentType: "application/json",
  apply: (document) => ({ policy: document === undefined ? [] : readPolicy(document) }),
});

const PolicyDocument = v.pipe(
  v.string(),
  v.parseJson(),
  v.strictObject({
    Version: v.optional(v.string()),
    Id: v.optional(v.string()),
    Statement: v.union([
      v.array(PolicyStatement),
      v.pipe(
        PolicyStatement,
        v.transform((statement) => [statement]),
      ),
    ]),
  }),
);

function readPolicy(document: string): BucketSettings["policy"] {
  try {
    const { Statement } = v.parse(PolicyDocument, document);
    compilePolicy(Statement, "resource");
    return Statement;
  } catch (cause) {
    throw new S3Error("MalformedPolicy", cause instanceof Error ? cause.message : undefined, { cause });
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html */
export const bucketNotification = bucketConfiguration({
  root: "NotificationConfiguration",
  actions: { get: "s3:GetBucketNotification", put: "s3:PutBucketNotification" },
  missing: "NoSuchConfiguration",
  apply: (document) => ({ notifications: document === undefined ? [] : readNotifications(document) }),
});

/** The element that names the target, by the element of the configuration. */
const TARGETS = [
  ["QueueConfiguration", "Queue"],
  ["CloudFunctionConfiguration", "CloudFunction"],
  ["TopicConfiguration", "Topic"],
] as const;

function readNotifications(document: string): BucketSettings["notifications"] {
  const root = readXml(document, "NotificationConfiguration");
  return TARGETS.flatMap(([configuration, target]) =>
    childrenNamed(root, configuration).map((each, index) => ({
      id: childText(each, "Id") ?? `${target}-${index + 1}`,
      targetArn: requiredText(each, target),
      events: childrenNamed(each, "Event").map(({ text }) => text),
      prefix: "",
      suffix: "",
      ...readFilter(each),
    })),
  );
}

function readFilter(configuration: XmlElement): { prefix?: string; suffix?: string } {
  const rules = childrenNamed(configuration, "Filter")
    .flatMap((filter) => childrenNamed(filter, "S3Key"))
    .flatMap((key) => childrenNamed(key, "FilterRule"));
  return Object.fromEntries(
    rules.map((rule) => {
      const name = requiredText(rule, "Name").toLowerCase();
      if (name !== "prefix" && name !== "suffix") throw new S3Error("InvalidArgument", "filter rule name");
      return [name, requiredText(rule, "Value")];
    }),
  );
}

/** Kept and read back, without effect: nothing here is encrypted, public, owned by others or billed. */
export const bucketEncryption = bucketConfiguration({
  root: "ServerSideEncryptionConfiguration",
  actions: { get: "s3:GetEncryptionConfiguration", put: "s3:PutEncryptionConfiguration" },
  missing: "ServerSideEncryptionConfigurationNotFoundError",
});

export const publicAccessBlock = bucketConfiguration({
  root: "PublicAccessBlockConfiguration",
  actions: { get: "s3:GetBucketPublicAccessBlock", put: "s3:PutBucketPublicAccessBlock" },
  missing: "NoSuchConfiguration",
});

export const bucketOwnershipControls = bucketConfiguration({
  root: "OwnershipControls",
  actions: { get: "s3:GetBucketOwnershipControls", put: "s3:PutBucketOwnershipControls" },
  missing: "OwnershipControlsNotFoundError",
});

export const bucketTagging = bucketConfiguration({
  root: "Tagging",
  actions: { get: "s3:GetBucketTagging", put: "s3:PutBucketTagging" },
  missing: "NoSuchTagSet",
});

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new S3Error("MalformedXML");
  return Number(text);
}
