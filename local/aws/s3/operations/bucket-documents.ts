import { bucketConfiguration } from "./bucket-configuration.ts";

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
