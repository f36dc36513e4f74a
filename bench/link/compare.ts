import { availableParallelism } from "node:os";
import { type Corpus, nameOf } from "./corpora.ts";
import { readHistories } from "./histories.ts";
import { measureHistory, type Update } from "./measure.ts";
import { type Summary, summarize } from "./summarize.ts";

/**
 * Measures corpora, several at a time, since what takes the time runs in Node's thread pool.
 *
 * @returns one summary for each, and one of the source corpora together
 */
export async function compareCorpora(
  corpora: readonly Corpus[],
  cache: string,
  progress: (line: string) => void,
): Promise<{ summaries: Summary[]; source: Summary }> {
  const measured: Measured[] = [];
  const waiting = [...corpora.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, corpus] = next;
      const started = performance.now();
      measured[at] = await measureCorpus(corpus, cache);
      progress(`${nameOf(corpus)}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return { summaries: measured.map(summaryOf), source: summaryOfAll(measured, "source") };
}

type Measured = { name: string; kind: string; files: number; unchanged: number; updates: Update[] };

async function measureCorpus(corpus: Corpus, cache: string): Promise<Measured> {
  const { histories, unchanged } = await readHistories(corpus, cache);
  const updates: Update[] = [];
  let files = 0;
  for (const history of histories) {
    const ofFile = await measureHistory(history);
    updates.push(...ofFile);
    if (ofFile.length > 0) files += 1;
  }
  return { name: nameOf(corpus), kind: corpus.kind, files, unchanged, updates };
}

function summaryOf({ updates, ...about }: Measured): Summary {
  return summarize(about, updates);
}

function summaryOfAll(measured: readonly Measured[], kind: string): Summary {
  const those = measured.filter((each) => each.kind === kind);
  const total = (of: "files" | "unchanged") => those.reduce((sum, each) => sum + each[of], 0);
  const about = { name: "all of it", kind, files: total("files"), unchanged: total("unchanged") };
  return summarize(
    about,
    those.flatMap(({ updates }) => updates),
  );
}
