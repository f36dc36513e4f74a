import { createHmac, timingSafeEqual } from "node:crypto";
import { formatCondition } from "./chunk-request.ts";
import { RequestError } from "./errors.ts";
import { isEtag } from "./etag.ts";
import { decodeOnce, encodeKey, parseQuery } from "./query.ts";
import { namedByRange, type RawRequest } from "./request.ts";
import type { SecretPair } from "./secret-pair.ts";
import { isVersionId } from "./version-id.ts";

/** What a link opens: a file while it has this etag, or one version of it, current or not. [NF-12.4] */
export type Linked = { key: string } & ({ etag: string } | { version: string });

/** A link as it came: whether it is one of ours, only a secret tells. */
export type PresentedLink = { linked: Linked; sig: string };

/** Bytes of the HMAC that a link carries: 22 characters. Who would guess one has to ask us 2^127 times. [NF-12.1] */
const SIG_BYTES = 16;

/** Characters of path and query, and of a host's name, for which Nordic's older client has room. [NF-12.6] */
export const LINK_PATH_MAX_CHARS = 191;
export const LINK_HOST_MAX_CHARS = 63;

/** The path and query of a link. [NF-12.1] @throws {KeyRefused} for half a surrogate pair, which has no UTF-8. */
export function formatSignedLink(linked: Linked, secret: string): string {
  const { key, ...condition } = linked;
  return `/files/${encodeKey(key)}?${formatCondition(condition)}&sig=${signLink(linked, secret)}`;
}

/**
 * The signature of a link. Neither an etag nor the id of a version has a line feed, so that no two links have one text.
 *
 * @param secret the one that is current, as `parseSecretPair` reads it
 */
export function signLink(linked: Linked, secret: string): string {
  const [kind, value] = "etag" in linked ? ["etag", linked.etag] : ["version", linked.version];
  const mac = createHmac("sha256", secret).update(`${kind}\n${value}\n${linked.key}`).digest();
  return mac.subarray(0, SIG_BYTES).toString("base64url");
}

/** Whether one of the two signed it: both are looked at, in a time that tells nothing. [NF-12.1] */
export function isSigned({ linked, sig }: PresentedLink, { current, previous }: SecretPair): boolean {
  const isCurrent = isSame(sig, signLink(linked, current));
  const isPrevious = isSame(sig, signLink(linked, previous));
  return (current !== "" && isCurrent) || (previous !== "" && isPrevious); // anybody can sign with an empty one
}

/** Their length is no secret. */
function isSame(a: string, b: string): boolean {
  const [given, due] = [Buffer.from(a), Buffer.from(b)];
  return given.length === due.length && timingSafeEqual(given, due);
}

/**
 * Reads a request as a link; undefined if it is none: another door or method, no signature, anything that is broken, or
 * both an etag and a version. What it names is what `parseRequest` has served. [NF-12.2]
 */
export function parseSignedLink({ method, rawPath, rawQuery }: RawRequest): PresentedLink | undefined {
  const named = namedByRange(rawPath);
  if (named?.folder !== "files" || (method !== "GET" && method !== "HEAD")) return undefined;
  try {
    const query = parseQuery(rawQuery, ["etag", "version", "sig"]);
    const sig = query.get("sig");
    const linked = linkedBy(decodeOnce(named.rawName), query.get("etag"), query.get("version"));
    return sig === undefined || linked === undefined ? undefined : { linked, sig };
  } catch (error) {
    if (error instanceof RequestError) return undefined;
    throw error;
  }
}

function linkedBy(key: string, etag: string | undefined, version: string | undefined): Linked | undefined {
  if (etag !== undefined && version !== undefined) return undefined;
  if (etag !== undefined && isEtag(etag)) return { key, etag };
  if (version !== undefined && isVersionId(version)) return { key, version };
  return undefined;
}
