import { isAccepted, parseBearer } from "../../../protocol/bearer-token.ts";
import { RequestError } from "../../../protocol/errors.ts";
import type { RawRequest } from "../../../protocol/request.ts";
import { isSigned, parseSignedLink } from "../../../protocol/signed-link.ts";
import type { KeptSecret } from "./kept-secret.ts";
import type { Refused } from "./refusals.ts";

/** What let a request in. A pass opens what the token does, no more: only a link may be answered by a redirection. [NF-12.5] [NF-12.7] */
export type Admission = "token" | "link" | "pass";

export type Authorize = (request: RawRequest & { authorization: string | undefined }) => Promise<Admission>;

/**
 * Makes the check that every request passes first. One with an Authorization header goes by that alone; only without is it looked at as a
 * signed link or as carrying a pass, and only then is the secret of the links read. [NF-12.2]
 *
 * @returns A function that resolves if a header carries the current or previous token, or a link or a pass is signed.
 * @throws {RequestError} (the function) `unauthorized`; {Error} if there is no current token that anybody could present, or no
 * secret is known at all.
 */
export function createAuthorization(options: {
  tokens: KeptSecret;
  links: KeptSecret;
  onRefused: (what: Refused) => void;
}): Authorize {
  return async function authorize(request) {
    const link = request.authorization === undefined ? parseSignedLink(request) : undefined;
    if (link !== undefined) {
      if (await options.links.meets((secret) => isSigned(link, secret)))
        return "for" in link.linked ? "pass" : "link";
      throw refuse("wrongLinks");
    }
    const token = parseBearer(request.authorization);
    if (token === undefined) throw refuse("withoutToken");
    if (await options.tokens.meets((tokens) => isAccepted(token, tokens))) return "token";
    // Nobody can present the token that is meant to be current: that is our fault, not the caller's.
    if (options.tokens.isUnusable())
      throw new Error("no header can carry the current token of the token secret");
    throw refuse("unknownTokens");
  };

  /** One sentence for every reason, so that nothing is learnt from it. [NF-7.1] [NF-12.3] */
  function refuse(what: Refused): RequestError {
    options.onRefused(what);
    return new RequestError("unauthorized", "the bearer token is missing or wrong");
  }
}
