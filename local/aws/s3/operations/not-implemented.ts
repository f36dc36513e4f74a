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
];

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
    if (name === "x-amz-server-side-encryption" && value !== "AES256")
      throw notImplemented(`${name}: ${value}`);
    if (name === "x-amz-bucket-object-lock-enabled" && value !== "false") throw notImplemented(name);
    const isAcl = name === "x-amz-acl" || name === "acl";
    if (name.startsWith("x-amz-grant-") || (isAcl && !HARMLESS_ACLS.includes(value))) {
      throw new S3Error("AccessControlListNotSupported");
    }
  }
}

function notImplemented(what: string): S3Error {
  return new S3Error("NotImplemented", `${what} is not implemented by the local S3.`);
}
