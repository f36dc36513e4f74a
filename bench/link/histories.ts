import { createHash } from "node:crypto";
import type { Corpus, RandomCorpus } from "./corpora.ts";
import { publishedVersions } from "./published.ts";

/** What one key held, one different content after the other. */
export type History = { key: string; contents: Buffer[] };

export type Histories = {
  histories: History[];
  /** Versions of a file that changed nothing: they cost nothing, and are not counted. */
  unchanged: number;
};

export async function readHistories(corpus: Corpus, cache: string): Promise<Histories> {
  if ("random" in corpus) return randomHistory(corpus);
  const byFile = new Map<string, Buffer[]>();
  let unchanged = 0;
  for await (const files of publishedVersions(corpus, cache)) {
    for (const [file, content] of files) {
      if (content.length === 0) continue; // an empty file has nothing to fetch
      const contents = byFile.get(file) ?? [];
      if (contents.at(-1)?.equals(content)) unchanged += 1;
      else byFile.set(file, [...contents, content]);
    }
  }
  const histories = [...byFile].map(([file, contents]) => ({ key: `app/${file}`, contents }));
  return { histories, unchanged };
}

/** The same bytes in every run. */
function randomHistory({ random: { versions, bytes } }: RandomCorpus): Histories {
  const contents = Array.from({ length: versions }, (_, version) =>
    createHash("shake256", { outputLength: bytes }).update(`version ${version}`).digest(),
  );
  return { histories: [{ key: "app/random.bin", contents }], unchanged: 0 };
}
