/** The largest part of what it replaces that a representation may have to be worth its place. [NF-10.2] */
const WORTH = 0.9;

/** Bytes that what is fetched has to save: its name in the request, and its members in the Note, are longer than the file's. */
const WORTH_FETCHING_BYTES = 64;

/** A sample that a quick look shrinks by less is compressed already, as zip, gz and images are. */
const LOOKS_COMPRESSED = 0.95;

/** The most bytes that a representation may have in place of so many. */
export function worthwhileBytes(replaced: number): number {
  return Math.floor(replaced * WORTH);
}

export function isWorthFetching(bytes: number, replaced: number): boolean {
  return bytes <= worthwhileBytes(replaced) && replaced - bytes >= WORTH_FETCHING_BYTES;
}

export function looksCompressed(sampleBytes: number, packedBytes: number | undefined): boolean {
  return packedBytes === undefined || packedBytes > sampleBytes * LOOKS_COMPRESSED;
}
