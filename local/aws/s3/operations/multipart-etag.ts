import { createHash } from "node:crypto";

/** The etag of a multipart object: the MD5 of its parts' MD5s, in hex, and the number of parts. */
export function multipartEtag(parts: readonly { md5: string }[]): string {
  const md5 = createHash("md5");
  for (const part of parts) md5.update(Buffer.from(part.md5, "hex"));
  return `${md5.digest("hex")}-${parts.length}`;
}

/** Undefined for an object that was stored in one piece: its etag is the MD5 of its bytes. */
export function partCount({ etag }: { etag: string }): number | undefined {
  const [, count] = etag.split("-");
  return count === undefined ? undefined : Number(count);
}
