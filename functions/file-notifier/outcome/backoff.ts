/** The longest wait before a retry: 15 minutes. [NF-8.5] */
export const RETRY_MAX_SECONDS = 900;

/**
 * Seconds until a message is tried again: what was asked for, else exponential backoff with full jitter, in whole
 * seconds from 1 to 900. [NF-8.5] https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param receives how often the message was received, from 1
 * @param random from 0 to below 1
 */
export function retrySeconds(receives: number, asked: number | undefined, random: () => number): number {
  if (asked !== undefined) return clamp(asked);
  const ceiling = Math.min(RETRY_MAX_SECONDS, 2 ** Math.min(Math.max(receives, 1), 10));
  return clamp(random() * ceiling);
}

/**
 * Reads `Retry-After`, in seconds or as an HTTP date (RFC 9110 §10.2.3); undefined if it is neither.
 *
 * @param now milliseconds since the epoch
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^[0-9]+$/.test(text)) return clamp(Number(text));
  if (!/^[A-Z][a-z]{2,8},? .*GMT$/.test(text)) return undefined; // Date.parse takes almost anything for a date
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : clamp((date - now) / 1000);
}

function clamp(seconds: number): number {
  return Math.min(RETRY_MAX_SECONDS, Math.max(1, Math.ceil(seconds)));
}
