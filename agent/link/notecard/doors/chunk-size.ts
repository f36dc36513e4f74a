/** Bytes of the smallest chunk: a smaller one would cost more than it saves. */
export const SMALLEST_BYTES = 250;

/** Fetches in a row that must succeed before a larger chunk is tried again. */
const SUCCESSES_BEFORE_GROWTH = 8;

/** A request for one chunk by number; the first `skip` of its bytes are there already. */
export type ChunkPlan = { chunk: number; size: number; skip: number };

/**
 * Chunk sizes from the largest down, each a divisor of the one before if that has one, so that the next chunk can begin
 * where the last ended. From a size without small divisors the way down is by powers of two; that costs part of one chunk twice.
 */
export function chunkSizes(largest: number): number[] {
  const sizes = [largest];
  for (let size = largest; ; sizes.push(size)) {
    const parts = [2, 3, 5].map((divisor) => size / divisor);
    size = parts.find((part) => Number.isInteger(part) && part >= SMALLEST_BYTES) ?? powerOfTwo(size / 2);
    if (size < SMALLEST_BYTES) return sizes;
  }
}

/** The smallest chunk times the largest power of two that is at most `bytes`; 0 if that is below the smallest. */
function powerOfTwo(bytes: number): number {
  return bytes < SMALLEST_BYTES ? 0 : SMALLEST_BYTES * 2 ** Math.floor(Math.log2(bytes / SMALLEST_BYTES));
}

/**
 * The chunk to ask for next: the largest one of at most `limit` bytes that begins at `offset`. Where none does, because
 * chunks had other sizes when the download began, the one that holds the offset, once.
 */
export function planChunk(offset: number, sizes: readonly number[], limit: number): ChunkPlan {
  const allowed = sizes.filter((size) => size <= limit);
  const size = allowed.find((each) => offset % each === 0) ?? allowed[0] ?? limit;
  return { chunk: Math.floor(offset / size) + 1, size, skip: offset % size };
}

/** The size in use: smaller after a time-out, larger again after a run of successes. */
export type SizeControl = { limit(): number; succeeded(): void; tooSlow(): void };

export function createSizeControl(sizes: readonly number[]): SizeControl {
  let at = 0;
  let successes = 0;
  return {
    limit: () => sizes[at] ?? SMALLEST_BYTES,
    succeeded() {
      successes += 1;
      if (successes < SUCCESSES_BEFORE_GROWTH) return;
      successes = 0;
      at = Math.max(0, at - 1);
    },
    tooSlow() {
      successes = 0;
      at = Math.min(sizes.length - 1, at + 1);
    },
  };
}
