import { CHECKSUM_ALGORITHMS, checksumHeader } from "../body/checksum.ts";
import type { S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";

/** Subresources of S3 that are missing here. To ignore one would give a wrong answer, or write to something else. */
const SUBRESOURCES = new Set([
  ...["abac", "accelerate", "acl", "analytics", "annotation", "append", "intelligent-tiering", "inventory"],
  ...["legal-hold", "logging", "metadataConfiguration", "metadataInventoryTable", "metadataJournalTable"],
  ...["metadataTable", "metrics", "object-lock", "policyStatus", "renameObject", "replication"],
  ...["requestPayment", "restore", "retention", "select", "session", "torrent", "website"],
]);

/** Headers that ask for a behaviour that is missing here: to accept one silently would be a lie. */
const HEADERS = [
  /^x-amz-(?:copy-source-)?server-side-encryption-customer-/,
  /^x-amz-object-lock-/,
  /^x-amz-website-redirect-location$/,
  /^x-amz-write-offset-bytes$/,
  /^x-amz-rename-source/,
  /^x-amz-if-match-(?:last-modified-time|size)$/, // of directory buckets: ignored, they would delete what they should spare
];

/** Encryption by AWS's key management, in its kinds. */
export const KMS_ALGORITHMS: readonly string[] = ["aws:kms", "aws:kms:dsse", "aws:fsx"];

/** ACLs that only say what is so anyway: everything that is stored belongs to the owner alone. */
const HARMLESS_ACLS = ["private", "bucket-owner-full-control"];

const CHECKSUM_HEADERS = new Set([
  ...CHECKSUM_ALGORITHMS.map(checksumHeader),
  ...["algorithm", "mode", "type"].map((name) => `x-amz-checksum-${name}`),
]);

/** @throws {S3Error} `NotImplemented` */
export function refuseSubresources(query: ReadonlyMap<string, string>): void {
  const unknown = [...query.keys()].find((name) => SUBRESOURCES.has(name));
  if (unknown !== undefined) throw notImplemented(`?${unknown}`);
}

/**
 * @param names every header name, or field name of a form, in lower case.
 * @throws {S3Error} `NotImplemented`, `AccessControlListNotSupported`
 */
export function refuseHeaders(request: Pick<S3Request, "header">, names: readonly string[]): void {
  for (const name of names) {
    const value = request.header(name);
    if (value === undefined) continue;
    const isUnknownChecksum = name.startsWith("x-amz-checksum-") && !CHECKSUM_HEADERS.has(name);
    if (isUnknownChecksum || HEADERS.some((pattern) => pattern.test(name))) throw notImplemented(name);
    refuseEncryption(name, value, request.header("x-amz-server-side-encryption"));
    if (name === "x-amz-object-ownership") requireDefaultOwnership(value);
    if (name === "x-amz-bucket-object-lock-enabled" && value !== "false") throw notImplemented(name);
    const isAcl = name === "x-amz-acl" || name === "acl";
    if (name.startsWith("x-amz-grant-") || (isAcl && !HARMLESS_ACLS.includes(value))) {
      throw new S3Error("AccessControlListNotSupported");
    }
  }
}

/** @param asked the encryption that the request asks for, without which what says more of it has no meaning. */
function refuseEncryption(name: string, value: string, asked: string | undefined): void {
  if (!name.startsWith("x-amz-server-side-encryption")) return;
  if (asked !== undefined && KMS_ALGORITHMS.includes(asked)) throw notImplemented(`encryption by ${asked}`);
  if (name === "x-amz-server-side-encryption-bucket-key-enabled" && value.toLowerCase() === "false") return;
  if (name !== "x-amz-server-side-encryption") {
    throw new S3Error("InvalidArgument", `${name} goes only with x-amz-server-side-encryption: aws:kms.`);
  }
  if (value !== "AES256") {
    throw new S3Error("InvalidArgument", "The encryption method specified is not supported");
  }
}

/**
 * Objects belong to the owner of the bucket, and ACLs are off: the default of S3.
 *
 * @throws {S3Error} `NotImplemented`, and `InvalidArgument` for an ownership that S3 does not have.
 */
export function requireDefaultOwnership(ownership: string): void {
  if (ownership === "BucketOwnerEnforced") return;
  if (ownership === "BucketOwnerPreferred" || ownership === "ObjectWriter") {
    throw notImplemented(`ObjectOwnership ${ownership}`);
  }
  throw new S3Error("InvalidArgument", "Invalid x-amz-object-ownership header");
}

export function notImplemented(what: string): S3Error {
  return new S3Error("NotImplemented", `${what} is not implemented by the local S3.`);
}
