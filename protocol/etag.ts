import { RequestError } from "./errors.ts";

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

/**
 * Reads the parameter `etag` of a request.
 *
 * @throws {RequestError} `bad-request` for one that no S3 ETag can equal.
 */
export function parseEtag(text: string | undefined): string | undefined {
  if (text !== undefined && !isEtag(text)) {
    throw new RequestError("bad-request", "etag is not 1 to 64 letters, digits and hyphens");
  }
  return text;
}
