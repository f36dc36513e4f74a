import { createHmac, timingSafeEqual } from "node:crypto";
import { formatCondition } from "./chunk-request.ts";
import { RequestError } from "./errors.ts";
import { isEtag } from "./etag.ts";
import { decodeOnce, encodeKey, parseQuery } from "./query.ts";
import { namedByRange, type RawRequest } from "./request.ts";
import type { SecretPair } from "./secret-pair.ts";
import { folderOf, parseTarget } from "./target.ts";
import { isVersionId } from "./version-id.ts";

/** What a link opens: a file while it has this etag, or one version of it, current or not. [NF-12.4] */
export type Linked = { key: string } & ({ etag: string } | { version: string });

/** What a pass opens: every version of a target's own files, and what is packed. Its UID is that of a thing or a thing group. [NF-12.7] */
export type Passed = { for: string };

/** A link as it came: whether it is one of ours, only a secret tells. */
export type PresentedLink = { linked: Linked | Passed; sig: string };

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

/** What follows the `?` of an address, or the `&`, for it to be opened by a pass. [NF-12.7] */
export function formatPass(pass: Passed & { sig: string }): string {
  return `for=${encodeURIComponent(pass.for)}&sig=${pass.sig}`;
}

/**
 * The signature of a link or a pass. Neither a UID nor an etag nor the id of a version has a line feed, so that no two have one text.
 *
 * @param secret the one that is current, as `parseSecretPair` reads it
 */
export function signLink(linked: Linked | Passed, secret: string): string {
  const mac = createHmac("sha256", secret).update(signedText(linked)).digest();
  return mac.subarray(0, SIG_BYTES).toString("base64url");
}

function signedText(linked: Linked | Passed): string {
  if ("for" in linked) return `for\n${linked.for}\n`;
  return "etag" in linked
    ? `etag\n${linked.etag}\n${linked.key}`
    : `version\n${linked.version}\n${linked.key}`;
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
  if (named === undefined || (method !== "GET" && method !== "HEAD")) return undefined;
  try {
    const query = parseQuery(rawQuery, ["etag", "version", "for", "sig"]);
    const sig = query.get("sig");
    const uid = query.get("for");
    const opens = { folder: named.folder, name: decodeOnce(named.rawName) };
    const linked = uid === undefined ? linkedBy(opens, query) : passedBy(opens, uid, query);
    return sig === undefined || linked === undefined ? undefined : { linked, sig };
  } catch (error) {
    if (error instanceof RequestError) return undefined;
    throw error;
  }
}

type Opens = { folder: "files" | "packed"; name: string };
type Condition = ReadonlyMap<"etag" | "version" | "for" | "sig", string>;

/** Of its own files a pass opens named versions alone; packed content is named by what it unpacks to. [NF-12.7] */
function passedBy({ folder, name }: Opens, uid: string, query: Condition): Passed | undefined {
  const target = parseTarget(uid);
  if (target?.kind !== "thing" && target?.kind !== "thing-group") return undefined;
  if (folder === "packed") return { for: uid };
  const isNamed = isVersionId(query.get("version") ?? "") && query.get("etag") === undefined;
  return isNamed && name.startsWith(folderOf(target)) ? { for: uid } : undefined;
}

function linkedBy({ folder, name: key }: Opens, query: Condition): Linked | undefined {
  if (folder !== "files") return undefined;
  const [etag, version] = [query.get("etag"), query.get("version")];
  if (etag !== undefined && version !== undefined) return undefined;
  if (etag !== undefined && isEtag(etag)) return { key, etag };
  if (version !== undefined && isVersionId(version)) return { key, version };
  return undefined;
}
