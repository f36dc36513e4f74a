/** The runs of bytes of these lengths, from `start`; views of the same memory. */
export function runs(bytes: Buffer, lengths: readonly number[], start = 0): Buffer[] {
  const ends = lengths.map((_, index) =>
    lengths.slice(0, index + 1).reduce((sum, length) => sum + length, start),
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? start, end));
}

/** All bytes, in pieces of arbitrary lengths, as a network brings them. */
export async function* cut(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Buffer> {
  const pieces = runs(bytes, lengths);
  yield* pieces;
  yield bytes.subarray(pieces.reduce((sum, { length }) => sum + length, 0));
}
