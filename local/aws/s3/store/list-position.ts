/** Where a listing goes on: at this key, with its rows below this sequence, and then after it. */
export type ListPosition = { key: Buffer; below: number };

/** Before every row of the key. */
export function at(key: Buffer): ListPosition {
  return { key, below: Number.MAX_SAFE_INTEGER };
}

/** After every row of the key. */
export function after(key: Buffer): ListPosition {
  return { key, below: Number.MIN_SAFE_INTEGER };
}

/** Sorts after every key: no UTF-8 text contains this byte. */
const PAST_EVERY_KEY = Buffer.from([0xff]);

/** Where the keys with a prefix begin that come from a position on, and `end`, before which they end. */
export function listRange(prefix: string, from: ListPosition): ListPosition & { end: Buffer } {
  const start = Buffer.from(prefix);
  return { ...(from.key.compare(start) >= 0 ? from : at(start)), end: successor(start) };
}

/** The least key that is greater than every key with this prefix. */
export function successor(prefix: Buffer): Buffer {
  const last = prefix.findLastIndex((byte) => byte < 0xff);
  if (last < 0) return PAST_EVERY_KEY;
  const next = Buffer.from(prefix.subarray(0, last + 1));
  next[last] = (next[last] ?? 0) + 1;
  return next;
}
