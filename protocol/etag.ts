const ETAG = /^[0-9A-Za-z-]{1,64}$/;

/** An S3 ETag without its quotes, as announcements and chunk requests carry it. [NF-2.1] */
export function isEtag(value: string): boolean {
  return ETAG.test(value);
}

/** Takes the quotes off an ETag header or event member; undefined for a weak or malformed one. */
export function unquoteEtag(header: string): string | undefined {
  const opaque = header.startsWith('"') && header.endsWith('"') ? header.slice(1, -1) : header;
  return isEtag(opaque) ? opaque : undefined;
}
