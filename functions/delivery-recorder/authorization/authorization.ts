import { isAccepted, parseBearer, type Tokens } from "../../../protocol/bearer-token.ts";

const FRESH_MS = 60_000;
/** Between two reads that an unknown token causes, so that guessing tokens costs us nothing. */
const REREAD_MS = 10_000;

/** `unsure`: a token is being changed, or nobody can say; whoever sent it should send again. */
export type Verdict = "accepted" | "refused" | "unsure";

/**
 * Makes the check of the route's bearer token. Notehub sends an event again that was answered 503, and not one that was
 * answered 401: a wrong token is refused only if the tokens were just read, and none is being changed.
 *
 * @param now milliseconds since the epoch
 */
export function createAuthorization({
  read,
  now,
}: {
  read: () => Promise<Tokens>;
  now: () => number;
}): (authorization: string | undefined) => Promise<Verdict> {
  let known: { tokens: Tokens; at: number } | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<boolean> | undefined;

  /** @returns whether the secret could be read */
  async function reread(): Promise<boolean> {
    triedAt = now();
    try {
      known = { tokens: await read(), at: now() };
      return true;
    } catch {
      // The secret store's fault must not open this door, nor lose an event: it is unsure until it can be read.
      known = undefined;
      return false;
    }
  }

  function rereadOnce(): Promise<boolean> {
    reading ??= reread().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  return async (authorization) => {
    const token = parseBearer(authorization);
    if (token === undefined) return "refused";
    if (known !== undefined && now() - known.at < FRESH_MS && isAccepted(token, known.tokens))
      return "accepted";
    if (reading === undefined && now() - triedAt < REREAD_MS) return "unsure";
    if (!(await rereadOnce()) || known === undefined) return "unsure";
    if (isAccepted(token, known.tokens)) return "accepted";
    return known.tokens.previous === "" ? "refused" : "unsure";
  };
}
