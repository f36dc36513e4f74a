import { S3Error } from "../s3-error.ts";

/**
 * What can be the id of a version, here or elsewhere: "URL-ready, opaque strings that are no more than 1,024 bytes long". An
 * id comes back in a header, which other text would break.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html#version-ids
 */
const VERSION_ID = /^[\w.~+=/-]{1,1024}$/;

/** @throws {S3Error} `InvalidArgument` */
export function parseVersionId(text: string): string {
  if (text === "") throw new S3Error("InvalidArgument", "Version id cannot be the empty string");
  if (!VERSION_ID.test(text)) throw new S3Error("InvalidArgument", "Invalid version id specified");
  return text;
}
