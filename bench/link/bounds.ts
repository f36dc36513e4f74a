import type { Summary } from "./summarize.ts";

/** Of the whole file's bytes on the link, the most that any update may take. */
const WORST = 1.01;

/** For hand-written source, all of it together. */
const SOURCE = { medianPacked: 90, withoutFetch: 0.75, packedShare: 0.021 };

export type Verdict = { sentence: string; holds: boolean };

/** What is promised of every corpus, and of the source corpora together. Of nothing, nothing holds. */
export function judge(corpora: readonly Summary[], source: Summary): Verdict[] {
  const worst = Math.max(...corpora.map((summary) => summary.worst));
  const inexact = corpora.flatMap((summary) => summary.inexact);
  const updates = Math.min(...corpora.map((summary) => summary.updates), source.updates);
  return [
    {
      sentence: `contents that came out otherwise than they are: ${inexact.length}, at most 0`,
      holds: updates > 0 && inexact.length === 0,
    },
    {
      sentence: `the dearest update: ${worst.toFixed(4)} of the whole file on the link, at most ${WORST}`,
      holds: worst > 0 && worst <= WORST,
    },
    {
      sentence: `source, median patch: ${source.medianPacked} bytes, at most ${SOURCE.medianPacked}`,
      holds: source.medianPacked <= SOURCE.medianPacked,
    },
    {
      sentence: `source, updates without a fetch: ${percent(source.withoutFetch)}, at least ${percent(SOURCE.withoutFetch)}`,
      holds: source.withoutFetch >= SOURCE.withoutFetch,
    },
    {
      sentence: `source, total of patches: ${percent(source.packedShare)} of the contents, at most ${percent(SOURCE.packedShare)}`,
      holds: source.packedShare <= SOURCE.packedShare,
    },
  ];
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;
}
