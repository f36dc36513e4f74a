/**
 * Where a version stands among those of its key: S3's sequencer as an announcement carries it, base64url of its bytes. [NF-2.5]
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export type Seq = string;

/** 48 bytes: S3 gives 8 to 16, and promises no length. */
const SEQ = /^[0-9A-Za-z_-]{2,64}$/;

export function isSeq(text: string): boolean {
  return SEQ.test(text);
}

/** @param sequencer hexadecimal, as S3 gives it; an odd digit is padded right with 0. [NF-2.5] */
export function formatSeq(sequencer: string): Seq {
  const even = sequencer.length % 2 === 0 ? sequencer : `${sequencer}0`;
  return Buffer.from(even, "hex").toString("base64url");
}

/** Negative if `a` is the older, 0 if they are of one event. Compared bytewise, the shorter padded with zeros. [NF-2.5] */
export function compareSeqs(a: Seq, b: Seq): number {
  const [left, right] = [bytesOf(a), bytesOf(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function bytesOf(seq: Seq): Buffer {
  return Buffer.from(seq, "base64url");
}

/** The higher one; one that is unknown counts for nothing. */
export function newerSeq(a: Seq | undefined, b: Seq | undefined): Seq | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareSeqs(a, b) > 0 ? a : b;
}
