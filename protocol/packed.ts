/** Content in another form than whole, by SHA-256s in unpadded base64url: compressed, or as a patch from a base. [NF-10.1] */
export type Packed = { sha256: string; base?: string | undefined };

const NAME = /^([0-9A-Za-z_-]{43})(?:\/([0-9A-Za-z_-]{43}))?$/;

/** What follows `/packed/` and `?packed=`: `<sha256>`, or `<sha256>/<base>`. Every character of it may stand in a URL as it is. [NF-10.1] */
export function formatPacked({ sha256, base }: Packed): string {
  return base === undefined ? sha256 : `${sha256}/${base}`;
}

/** Undefined if it names nothing. */
export function parsePacked(name: string): Packed | undefined {
  const [, sha256, base] = NAME.exec(name) ?? [];
  if (sha256 === undefined) return undefined;
  return base === undefined ? { sha256 } : { sha256, base };
}

/** The key in the packed bucket. What it holds never changes, since the name says what it unpacks to. */
export function packedKey({ sha256, base }: Packed): string {
  return base === undefined ? `zstd/${sha256}` : `patch/${sha256}/${base}`;
}
