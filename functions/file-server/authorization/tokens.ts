import { hash, timingSafeEqual } from "node:crypto";

/** The tokens that a caller may present. `previous` is empty while no change of token is under way. */
export type Tokens = { current: string; previous: string };

/** Takes the token out of `Authorization: Bearer <token>` (RFC 6750 §2.1); undefined if the header has none. */
export function parseBearer(authorization: string | undefined): string | undefined {
  return /^bearer +([0-9A-Za-z._~+/-]+=*) *$/i.exec(authorization ?? "")?.[1];
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
