/**
 * What the packed bucket holds, by SHA-256s in unpadded base64url: content in another form than whole, compressed or as a patch from a
 * base [NF-10.1]; or a fleet's manifest, as it is or as the step from an earlier one, its base [NF-11.6].
 */
export type Packed = { sha256: string; base?: string | undefined; manifest?: true | undefined };

const NAME = /^(manifest\/)?([0-9A-Za-z_-]{43})(?:\/([0-9A-Za-z_-]{43}))?$/;

/** What follows `/packed/` and `?packed=`: `<sha256>` or `<sha256>/<base>`, after `manifest/` for one. Every character of it may stand in a URL as it is. */
export function formatPacked({ sha256, base, manifest }: Packed): string {
  const name = base === undefined ? sha256 : `${sha256}/${base}`;
  return manifest ? `manifest/${name}` : name;
}

/** Undefined if it names nothing. */
export function parsePacked(name: string): Packed | undefined {
  const [, folder, sha256, base] = NAME.exec(name) ?? [];
  if (sha256 === undefined) return undefined;
  const manifest = folder === undefined ? {} : ({ manifest: true } as const);
  return base === undefined ? { sha256, ...manifest } : { sha256, base, ...manifest };
}

/** The key in the packed bucket. What it holds never changes, since the name says what it unpacks to. */
export function packedKey({ sha256, base, manifest }: Packed): string {
  if (manifest) return base === undefined ? `manifest/${sha256}` : `step/${sha256}/${base}`;
  return base === undefined ? `zstd/${sha256}` : `patch/${sha256}/${base}`;
}
