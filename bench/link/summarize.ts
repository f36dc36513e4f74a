import type { Update } from "./measure.ts";

export type Summary = {
  name: string;
  kind: string;
  files: number;
  updates: number;
  /** Versions of a file that are the same as before, and no update. */
  unchanged: number;
  /** Bytes that stand for a content, whichever way they travel. */
  medianPacked: number;
  /** Of the contents' own bytes. */
  packedShare: number;
  withoutFetch: number;
  /** Bytes on the link. */
  median: Update["link"];
  total: Update["link"];
  /** Of all updates, the largest part that one takes of what the whole file would take. */
  worst: number;
  /** Keys whose content did not come out exactly. */
  inexact: string[];
};

export function summarize(
  about: { name: string; kind: string; files: number; unchanged: number },
  updates: readonly Update[],
): Summary {
  const packed = updates.map((update) => update.packed);
  const ofLink = (fold: (values: number[]) => number): Update["link"] => ({
    ours: fold(updates.map(({ link }) => link.ours)),
    whole: fold(updates.map(({ link }) => link.whole)),
    base64: fold(updates.map(({ link }) => link.base64)),
    brotli: fold(updates.map(({ link }) => link.brotli)),
  });
  return {
    ...about,
    updates: updates.length,
    medianPacked: median(packed),
    packedShare: sum(packed) / sum(updates.map(({ size }) => size)),
    withoutFetch: updates.filter(({ way }) => way === "note").length / updates.length,
    median: ofLink(median),
    total: ofLink(sum),
    worst: Math.max(...updates.map(({ link }) => link.ours / link.whole)),
    inexact: updates.filter(({ exact }) => !exact).map(({ key }) => key),
  };
}

/** Of an even number, the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
