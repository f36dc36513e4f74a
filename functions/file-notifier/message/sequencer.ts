/** S3's `sequencer`: hexadecimal digits, as many as S3 likes. */
export const SEQUENCER = /^[0-9A-Fa-f]{1,64}$/;

/**
 * Orders two uploads of one key: negative if `a` came first, 0 if they are the same event. The shorter is padded with
 * zeros on the right. [NF-8.4]
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function compareSequencers(a: string, b: string): number {
  const length = Math.max(a.length, b.length);
  const [left, right] = [a, b].map((text) => text.toUpperCase().padEnd(length, "0"));
  if (left === undefined || right === undefined || left === right) return 0;
  return left < right ? -1 : 1;
}
