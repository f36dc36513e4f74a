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

const ENTITY_TAG = /(?:W\/)?"([^"]*)"/g;

/** The etags of an `If-None-Match`; `*` lists every one. */
export type EtagList = "*" | readonly string[];

/**
 * Reads an `If-None-Match`, whose etags are compared weakly (RFC 9110 §13.1.2). [NF-5.9]
 *
 * @throws {RequestError} `bad-request` for what is no list of etags.
 */
export function parseEtagList(header: string | undefined): EtagList | undefined {
  const text = header?.trim();
  if (text === undefined || text === "*") return text;
  if (isEtag(text)) return [text]; // unquoted, as some clients send it
  const quoted = [...text.matchAll(ENTITY_TAG)].map(([, opaque = ""]) => opaque);
  if (quoted.length === 0 || /[^\s,]/.test(text.replace(ENTITY_TAG, ""))) {
    throw new RequestError("bad-request", "If-None-Match is no list of etags");
  }
  return quoted.filter(isEtag);
}

export function isListed(etag: string, list: EtagList | undefined): boolean {
  return list === "*" || (list?.includes(etag) ?? false);
}
