import { createHash } from "node:crypto";

/** 128 bits: two jobs of one account never have one id by chance. */
const HASH_CHARS = 22;

/** What the ids of all our jobs begin with. */
export const JOB_ID_PREFIX = "nf-";

/** The id of the job that tells a target of a manifest: whoever tells the same again makes the same job. [NF-13.2] */
export function jobId(targetUid: string, manifestSha256: string): string {
  const hash = createHash("sha256").update(`${targetUid}\n${manifestSha256}`).digest("base64url");
  return `${JOB_ID_PREFIX}${hash.slice(0, HASH_CHARS)}`;
}
