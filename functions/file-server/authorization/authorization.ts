import { isAccepted, parseBearer, type Tokens } from "../../../protocol/bearer-token.ts";
import { RequestError } from "../../../protocol/errors.ts";

const CACHE_MS = 5 * 60 * 1000;
/** Between two reads that an unknown token causes, so that guessing tokens costs us nothing. [NF-7.3] */
const REREAD_MS = 30 * 1000;

export type ReadTokens = () => Promise<Tokens>;

export type Authorize = (authorization: string | undefined) => Promise<void>;

/**
 * Makes the check that every request passes first. Tokens are kept five minutes; concurrent requests share one read.
 * A read that fails leaves the tokens known so far in force: a fault of the secret store must not cut devices off.
 *
 * @param now A clock in milliseconds.
 * @returns A function that resolves if the header carries the current or previous token.
 * @throws {RequestError} (the function) `unauthorized`; {Error} if there is no current token that anybody could present; or whatever
 * `read` throws, if no tokens are known at all.
 */
export function createAuthorization(options: {
  read: ReadTokens;
  now: () => number;
  onStale: (cause: unknown) => void;
}): Authorize {
  let known: Tokens | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let freshUntil = Number.NEGATIVE_INFINITY;
  let reading: Promise<Tokens> | undefined;

  function refresh(): Promise<Tokens> {
    reading ??= readOnce().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function readOnce(): Promise<Tokens> {
    triedAt = options.now();
    try {
      known = await options.read();
      freshUntil = options.now() + CACHE_MS;
      return known;
    } catch (cause) {
      if (known === undefined) throw cause;
      options.onStale(cause);
      freshUntil = options.now() + REREAD_MS;
      return known;
    }
  }

  return async function authorize(authorization) {
    const token = parseBearer(authorization);
    if (token === undefined) throw unauthorized();
    const tokens = known !== undefined && options.now() < freshUntil ? known : await refresh();
    if (isAccepted(token, tokens)) return;
    const mayReread = reading !== undefined || options.now() - triedAt >= REREAD_MS;
    if (mayReread && isAccepted(token, await refresh())) return;
    // Nobody can present the token that is meant to be current: that is our fault, not the caller's.
    if (known?.current === "") throw new Error("no header can carry the current token of the token secret");
    throw unauthorized();
  };
}

/** One sentence for every reason, so that nothing is learnt from it. [NF-7.1] */
function unauthorized(): RequestError {
  return new RequestError("unauthorized", "the bearer token is missing or wrong");
}
