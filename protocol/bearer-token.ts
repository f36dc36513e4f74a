import { hash, timingSafeEqual } from "node:crypto";
import type { SecretPair } from "./secret-pair.ts";

/** The tokens that a caller may present. Either of them is empty if no header could carry it. */
export type Tokens = SecretPair;

/**
 * Takes the token out of `Authorization: Bearer <token>`; undefined if the header has none. RFC 6750 §2.1 allows fewer
 * characters, but people choose tokens too.
 */
export function parseBearer(authorization: string | undefined): string | undefined {
  return /^bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? "")?.[1];
}

/** False for what no header carries in one piece, so that nobody can ever present it. */
export function isPresentable(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token);
}

/** Compares digests, both always, so that the time taken tells nothing of a token, its length neither. [NF-7.1] */
export function isAccepted(token: string, tokens: Tokens): boolean {
  const isCurrent = isSame(token, tokens.current);
  const isPrevious = isSame(token, tokens.previous);
  return token !== "" && (isCurrent || isPrevious); // an absent `previous` is empty, which nobody may present
}

function isSame(a: string, b: string): boolean {
  return timingSafeEqual(hash("sha256", a, "buffer"), hash("sha256", b, "buffer"));
}
