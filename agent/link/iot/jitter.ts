/** Milliseconds less a random part of up to `share`: things that were all told at once must not all ask at once. */
export function withJitter(ms: number, share: number): number {
  return ms * (1 - share * Math.random());
}
