/** So many receipts of AWS IoT's things, in words. */
export function receiptsOfThings(count: number): string {
  return count === 1 ? "1 receipt of a thing" : `${count} receipts of things`;
}
