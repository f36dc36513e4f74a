import { expect, test } from "vitest";
import { judge } from "../../../bench/link/bounds.ts";
import type { Update } from "../../../bench/link/measure.ts";
import { type Summary, summarize } from "../../../bench/link/summarize.ts";

const about = { name: "some", kind: "source", files: 1, unchanged: 0 };
const link = { ours: 300, whole: 1000, base64: 2500, brotli: 500 };
const update: Update = { key: "app/a.js", size: 10_000, way: "note", packed: 80, exact: true, link };

const missed = (corpus: Summary, source = corpus) =>
  judge([corpus], source).flatMap(({ sentence, holds }) => (holds ? [] : [sentence]));

const four = (...changed: Partial<Update>[]) =>
  summarize(
    about,
    [...changed, {}, {}, {}, {}].slice(0, 4).map((change) => ({ ...update, ...change })),
  );

test("nothing is missed where every bound is just met", () => {
  const atTheBounds = { packed: 570, way: "patch", link: { ...link, ours: 1010 } } as const;
  expect(missed(four(atTheBounds, { packed: 90 }, { packed: 90 }, { packed: 90 }))).toEqual([]);
});

test.each<[string, Partial<Update>[], string]>([
  ["a content that came out wrong", [{ exact: false }], "contents that came out otherwise than they are: 1"],
  ["one update that costs more", [{ link: { ...link, ours: 1011 } }], "the dearest update: 1.0110"],
  ["a longer median", [{ packed: 91 }, { packed: 91 }, { packed: 91 }], "source, median patch: 91"],
  [
    "more fetches",
    [{ way: "patch" }, { way: "zstd" }],
    "source, updates without a fetch: 50.0 %, at least 75.0 %",
  ],
  ["a large total", [{ packed: 700 }], "source, total of patches: 2.35 %"],
])("%s is missed", (_what, changed, sentence) => {
  expect(missed(four(...changed))).toEqual([expect.stringContaining(sentence)]);
});

test("where nothing was measured, nothing is kept", () => {
  expect(judge([], summarize(about, [])).filter(({ holds }) => holds)).toEqual([]);
  expect(missed(summarize(about, []))).toHaveLength(5);
  expect(judge([summarize(about, []), four()], four())[0]).toMatchObject({ holds: false });
});
