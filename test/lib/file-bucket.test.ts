import { expect, test } from "vitest";
import { templateOf } from "../support/template-under-test.ts";

const template = templateOf({ project: "app:1" });

const BUCKETS = ["FilesBucket", "PackedBucket", "AnnouncementsBucket"];

test.each(BUCKETS)("%s is private, encrypted and kept", (id) => {
  const bucket = template.findResources("AWS::S3::Bucket")[id];
  expect(bucket).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
  expect(bucket?.Properties).toMatchObject({
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
    },
  });
});

test.each(BUCKETS)("%s refuses requests without TLS, and its policy does no more", (id) => {
  const arn = { "Fn::GetAtt": [id, "Arn"] };
  const [policy, ...others] = Object.values(
    template.findResources("AWS::S3::BucketPolicy", { Properties: { Bucket: { Ref: id } } }),
  );
  expect(others).toEqual([]);
  expect(policy?.Properties.PolicyDocument.Statement).toEqual([
    {
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: "s3:*",
      Resource: [arn, { "Fn::Join": ["", [arn, "/*"]] }],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ]);
});

test("files are versioned, and only what nobody needs expires", () => {
  const { Properties } = template.findResources("AWS::S3::Bucket").FilesBucket ?? {};
  expect(Properties.VersioningConfiguration).toEqual({ Status: "Enabled" });
  expect(Properties.CorsConfiguration).toBeUndefined();
  expect(Properties.LifecycleConfiguration.Rules).toEqual([
    {
      Id: "unfinished-uploads",
      Status: "Enabled",
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
    {
      Id: "replaced-versions",
      Status: "Enabled",
      NoncurrentVersionExpiration: { NoncurrentDays: 90, NewerNoncurrentVersions: 3 },
    },
    { Id: "deleted-files", Status: "Enabled", ExpiredObjectDeleteMarker: true },
  ]);
});

test("forms of contents expire, but not what the notifier knows of a key's contents", () => {
  const { Properties } = template.findResources("AWS::S3::Bucket").PackedBucket ?? {};
  expect(Properties.VersioningConfiguration).toBeUndefined();
  expect(Properties.NotificationConfiguration).toBeUndefined();
  expect(Properties.LifecycleConfiguration.Rules).toEqual(
    ["zstd", "patch", "attempts"].map((folder) => {
      return { Id: folder, Status: "Enabled", Prefix: `${folder}/`, ExpirationInDays: 180 };
    }),
  );
});

test("the notifier's memory outlasts any event, redriven dead letters included", () => {
  const { Properties } = template.findResources("AWS::S3::Bucket").AnnouncementsBucket ?? {};
  const [rule, ...others] = Properties.LifecycleConfiguration.Rules;
  expect(others).toEqual([]);
  expect(rule).toEqual({
    ...{ Id: "forgotten", Status: "Enabled", Prefix: "announcements/", ExpirationInDays: 120 },
  });
  expect(rule.ExpirationInDays).toBeGreaterThan(2 * 28);
  expect(Properties.NotificationConfiguration).toBeUndefined(); // it would notify the notifier of itself
});
