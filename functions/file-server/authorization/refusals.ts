/** Between two lines of the log about refused requests: anybody may send as many as they like, and each line is paid for. */
const TELL_AGAIN_MS = 30_000;

/** What was refused since the last line: with a token that is none of ours, or without any. */
export type Refusals = { unknownTokens: number; withoutToken: number };

/**
 * Counts refused requests, and tells of them now and then. Who scans the internet sends no bearer token; a route with a wrong one
 * sends it with every request, and that is worth an alarm.
 *
 * @param now milliseconds since the epoch
 */
export function createRefusals(
  tell: (refusals: Refusals) => void,
  now: () => number,
): (hadToken: boolean) => void {
  let counted: Refusals = { unknownTokens: 0, withoutToken: 0 };
  let toldAt = Number.NEGATIVE_INFINITY;
  return (hadToken) => {
    counted[hadToken ? "unknownTokens" : "withoutToken"] += 1;
    if (now() - toldAt < TELL_AGAIN_MS) return;
    toldAt = now();
    tell(counted);
    counted = { unknownTokens: 0, withoutToken: 0 };
  };
}
