/** Between two lines of the log about refused requests: anybody may send as many as they like, and each line is paid for. */
const TELL_AGAIN_MS = 30_000;

/** What was refused since the last line: with a token that is none of ours, without any, as a link that nobody signed. */
export type Refusals = { unknownTokens: number; withoutToken: number; wrongLinks: number };

export type Refused = keyof Refusals;

const NONE: Refusals = { unknownTokens: 0, withoutToken: 0, wrongLinks: 0 };

/**
 * Counts refused requests, and tells of them now and then. Who scans the internet sends no bearer token; a route with a wrong one
 * sends it with every request, and that is worth an alarm.
 *
 * @param now milliseconds since the epoch
 */
export function createRefusals(
  tell: (refusals: Refusals) => void,
  now: () => number,
): (what: Refused) => void {
  let counted = { ...NONE };
  let toldAt = Number.NEGATIVE_INFINITY;
  return (what) => {
    counted[what] += 1;
    if (now() - toldAt < TELL_AGAIN_MS) return;
    toldAt = now();
    tell(counted);
    counted = { ...NONE };
  };
}
