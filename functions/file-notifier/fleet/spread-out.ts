/** As long as SQS delays a message at most. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
export const LONGEST_DELAY_SECONDS = 900;

/** Who is asked about when. `rest`: those after that one are not among them, and to be spread then. */
export type Spread = {
  batches: { delaySeconds: number; fleets: string[] }[];
  rest?: { after: string; delaySeconds: number };
};

/**
 * Spreads calls to Notehub that nobody waits for, one for each fleet, over the time, so that they take half of those which are allowed: calls go
 * first come first served, and what is uploaded meanwhile is not to wait for hundreds of them. [NF-11.14]
 *
 * @param perMinute calls that are allowed
 */
export function spreadOut(fleets: readonly string[], perMinute: number): Spread {
  const each = Math.max(1, Math.floor(perMinute / 2));
  const batches: Spread["batches"] = [];
  for (let from = 0; from < fleets.length; from += each) {
    const delaySeconds = (from / each) * 60;
    const after = fleets[from - 1];
    if (delaySeconds >= LONGEST_DELAY_SECONDS && after !== undefined)
      return { batches, rest: { after, delaySeconds: LONGEST_DELAY_SECONDS } };
    batches.push({ delaySeconds, fleets: fleets.slice(from, from + each) });
  }
  return { batches };
}
