import { isAccepted, parseBearer, type Tokens } from "../../../protocol/bearer-token.ts";
import { RequestError } from "../../../protocol/errors.ts";
import { TokensRevoked } from "./tokens-revoked.ts";

const CACHE_MS = 5 * 60 * 1000;
/** Between two reads that an unknown token causes, so that guessing tokens costs us nothing. [NF-7.3] */
const REREAD_MS = 30 * 1000;
/** Before the next read while none has succeeded: doubled each time up to `REREAD_MS`, so that one hiccup costs a device little. */
const FIRST_PAUSE_MS = 250;
/** How long tokens are good that cannot be read again: a leaked one must not outlive its owner's change by more. [NF-7.4] */
const STALE_MAX_MS = 60 * 60 * 1000;

export type ReadTokens = () => Promise<Tokens>;

export type Authorize = (authorization: string | undefined) => Promise<void>;

/**
 * Makes the check that every request passes first. Tokens are kept five minutes; concurrent requests share one read.
 * A read that fails leaves the tokens known so far in force for an hour: a fault of the secret store must not cut devices off at
 * once. One that says that there are none any more ends them at once.
 *
 * @param now A clock in milliseconds.
 * @returns A function that resolves if the header carries the current or previous token.
 * @throws {RequestError} (the function) `unauthorized`; {Error} if there is no current token that anybody could present; or what
 * `read` threw last, if no tokens are known at all.
 */
export function createAuthorization(options: {
  read: ReadTokens;
  now: () => number;
  onStale: (cause: unknown) => void;
  /** A request is refused. @param hadToken whether it carried one */
  onRefused: (hadToken: boolean) => void;
}): Authorize {
  let known: { tokens: Tokens; readAt: number } | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let freshUntil = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let failed: unknown;
  let reading: Promise<Tokens> | undefined;

  function refresh(): Promise<Tokens> {
    reading ??= readOnce().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function readOnce(): Promise<Tokens> {
    const pause = Math.min(REREAD_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
    if (known === undefined && failures > 0 && options.now() - triedAt < pause) throw failed;
    triedAt = options.now();
    try {
      const tokens = await options.read();
      known = { tokens, readAt: options.now() };
      freshUntil = options.now() + CACHE_MS;
      failures = 0;
      return tokens;
    } catch (cause) {
      failures += 1;
      failed = cause;
      const tooOld = known !== undefined && options.now() - known.readAt > STALE_MAX_MS;
      if (known === undefined || tooOld || cause instanceof TokensRevoked) {
        known = undefined;
        throw cause;
      }
      options.onStale(cause);
      freshUntil = options.now() + REREAD_MS;
      return known.tokens;
    }
  }

  return async function authorize(authorization) {
    const token = parseBearer(authorization);
    if (token === undefined) throw refuse(false);
    const tokens = known !== undefined && options.now() < freshUntil ? known.tokens : await refresh();
    if (isAccepted(token, tokens)) return;
    const mayReread = reading !== undefined || options.now() - triedAt >= REREAD_MS;
    if (mayReread && isAccepted(token, await refresh())) return;
    // Nobody can present the token that is meant to be current: that is our fault, not the caller's.
    if (known?.tokens.current === "")
      throw new Error("no header can carry the current token of the token secret");
    throw refuse(true);
  };

  /** One sentence for every reason, so that nothing is learnt from it. [NF-7.1] */
  function refuse(hadToken: boolean): RequestError {
    options.onRefused(hadToken);
    return new RequestError("unauthorized", "the bearer token is missing or wrong");
  }
}
