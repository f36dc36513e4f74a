import { NO_CONTENT } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import { childrenNamed, childText, readXml, requiredText, type XmlElement } from "../xml/read-xml.ts";
import { bucketConfiguration } from "./bucket-configuration.ts";
import { KMS_ALGORITHMS, notImplemented, requireDefaultOwnership } from "./not-implemented.ts";
import { parseTagDocument } from "./tags.ts";

// Kept and read back, without effect: nothing here is encrypted, public, owned by others or billed. What asks for an effect
// that is missing is refused.

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html */
export const bucketEncryption = bucketConfiguration({
  root: "ServerSideEncryptionConfiguration",
  actions: { get: "s3:GetEncryptionConfiguration", put: "s3:PutEncryptionConfiguration" },
  missing: "ServerSideEncryptionConfigurationNotFoundError",
  apply: checked("ServerSideEncryptionConfiguration", (root) => {
    const [rule, ...others] = childrenNamed(root, "Rule");
    if (rule === undefined || others.length > 0) throw new S3Error("MalformedXML");
    const [preset] = childrenNamed(rule, "ApplyServerSideEncryptionByDefault");
    if (preset === undefined) throw new S3Error("MalformedXML");
    const algorithm = requiredText(preset, "SSEAlgorithm");
    if (KMS_ALGORITHMS.includes(algorithm)) throw notImplemented(`encryption by ${algorithm}`);
    if (algorithm !== "AES256") throw new S3Error("MalformedXML");
    if (childText(preset, "KMSMasterKeyID") !== undefined) {
      throw new S3Error(
        "InvalidArgument",
        "a KMSMasterKeyID is not applicable if the SSEAlgorithm is not aws:kms",
      );
    }
  }),
});

export const publicAccessBlock = bucketConfiguration({
  root: "PublicAccessBlockConfiguration",
  actions: { get: "s3:GetBucketPublicAccessBlock", put: "s3:PutBucketPublicAccessBlock" },
  missing: "NoSuchPublicAccessBlockConfiguration",
  apply: checked("PublicAccessBlockConfiguration", (root) => {
    for (const { name, text } of root.children) {
      const isKnown = [
        "BlockPublicAcls",
        "IgnorePublicAcls",
        "BlockPublicPolicy",
        "RestrictPublicBuckets",
      ].includes(name);
      if (!isKnown || !/^(?:true|false)$/i.test(text)) throw new S3Error("MalformedXML");
    }
  }),
});

export const bucketOwnershipControls = bucketConfiguration({
  root: "OwnershipControls",
  actions: { get: "s3:GetBucketOwnershipControls", put: "s3:PutBucketOwnershipControls" },
  missing: "OwnershipControlsNotFoundError",
  apply: checked("OwnershipControls", (root) => {
    const [rule, ...others] = childrenNamed(root, "Rule");
    if (rule === undefined || others.length > 0) throw new S3Error("MalformedXML");
    const ownership = requiredText(rule, "ObjectOwnership");
    if (!OWNERSHIPS.includes(ownership)) throw new S3Error("MalformedXML");
    requireDefaultOwnership(ownership);
  }),
});

export const bucketTagging = bucketConfiguration({
  root: "Tagging",
  actions: { get: "s3:GetBucketTagging", put: "s3:PutBucketTagging" },
  missing: "NoSuchTagSet",
  stored: NO_CONTENT,
  apply: (document) => {
    if (document !== undefined) parseTagDocument(document, MOST_BUCKET_TAGS);
    return {};
  },
});

const OWNERSHIPS = ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"];
const MOST_BUCKET_TAGS = 50;

/** A document that is kept once it was looked at. */
function checked(root: string, check: (element: XmlElement) => void) {
  return (document: string | undefined) => {
    if (document !== undefined) check(readXml(document, root));
    return {};
  };
}
