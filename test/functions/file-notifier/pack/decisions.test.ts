import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readContent } from "../../../../functions/file-notifier/announce/read-content.ts";
import {
  basesOf,
  CONTENTS_MAX,
  type Content,
  withContent,
} from "../../../../functions/file-notifier/pack/contents.ts";
import { createLane } from "../../../../functions/file-notifier/pack/lane.ts";
import { levelOf, windowLogOf } from "../../../../functions/file-notifier/pack/levels.ts";
import { isWorthFetching } from "../../../../functions/file-notifier/pack/worth.ts";

const NEVER = new AbortController().signal;

describe("the contents of a key", () => {
  const content = (digest: string, versionId = "v"): Content => ({ sha256: digest, size: 1, versionId });
  const shas = (contents: readonly Content[]) => contents.map(({ sha256 }) => sha256);

  test("are the last four different ones, newest first, each by the version that held it last", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(..."ABCDEFG"), { maxLength: 20 }), (held) => {
        const contents = held.reduce<Content[]>(
          (all, digest, at) => withContent(all, content(digest, `v${at}`)),
          [],
        );
        const expected = [...new Set(held.toReversed())].slice(0, CONTENTS_MAX);
        expect(shas(contents)).toEqual(expected);
        for (const { sha256, versionId } of contents) expect(versionId).toBe(`v${held.lastIndexOf(sha256)}`);
      }),
    );
  });

  test("are no base of themselves [NF-10.2]", () => {
    expect(shas(basesOf([content("A"), content("B")], "A"))).toEqual(["B"]);
    expect(shas(basesOf([content("A"), content("B")], "C"))).toEqual(["A", "B"]);
  });
});

test("a window holds content and base as far as a reader must, and no more [NF-10.3]", () => {
  fc.assert(
    fc.property(fc.nat(70_000_000), fc.nat(4_000_000), (size, base) => {
      const log = windowLogOf(size, base);
      expect(log).toBeGreaterThanOrEqual(10);
      const most = base > 0 ? 23 : 22;
      expect(log).toBeLessThanOrEqual(most);
      if (log < most) expect(2 ** log).toBeGreaterThanOrEqual(size + base);
      if (log > 10) expect(2 ** (log - 1)).toBeLessThan(size + base);
      expect(levelOf(size + base)).toBeLessThanOrEqual(levelOf(size));
    }),
  );
});

test("a content is read once, in any pieces: hashed, kept if it is short, and its beginning and middle are a sample", async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 90_000, size: "max" }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(300_000), async (parts, keepBytes) => {
      const all = Buffer.concat(parts);
      const file = { size: all.length, etag: "e", bytes: toStream(parts), discard: () => undefined };
      const { size, whole, sample } = await readContent(file, keepBytes, NEVER);
      expect(size).toBe(all.length);
      expect(whole === undefined ? undefined : all.equals(whole)).toBe(
        all.length <= keepBytes ? true : undefined,
      );
      const half = Math.min(65_536, Math.ceil(all.length / 2));
      const middle = Math.max(half, Math.floor(all.length / 2));
      expect(all.subarray(0, half).equals(sample.subarray(0, half))).toBe(true);
      expect(all.subarray(middle, middle + half).equals(sample.subarray(half))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

async function* toStream(parts: readonly Uint8Array[]) {
  yield* parts;
}

describe("a lane", () => {
  test("lets one work at a time, in order, whatever becomes of the one before", async () => {
    const inTurn = createLane();
    const log: string[] = [];
    const work = (name: string, fails = false) =>
      inTurn(async () => {
        log.push(`${name} in`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`${name} out`);
        if (fails) throw new Error(name);
      }, NEVER);
    const results = await Promise.allSettled([work("a"), work("b", true), work("c")]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(log).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
  });

  test("is left by who will not wait, and the next still waits for the one inside", async () => {
    const inTurn = createLane();
    const { promise: inside, resolve: end } = Promise.withResolvers<void>();
    const first = inTurn(() => inside, NEVER);
    const impatient = new AbortController();
    const second = inTurn(async () => "never", impatient.signal);
    let reached = false;
    const third = inTurn(async () => {
      reached = true;
    }, NEVER);
    impatient.abort(new Error("no time"));
    await expect(second).rejects.toThrow("no time");
    await new Promise((resolve) => setImmediate(resolve));
    expect(reached).toBe(false);
    end();
    await Promise.all([first, third]);
    expect(reached).toBe(true);
  });
});

test("what is fetched saves a tenth, and more than asking for it by another name costs", () => {
  expect(isWorthFetching(900, 1000)).toBe(true);
  expect(isWorthFetching(901, 1000)).toBe(false);
  expect(isWorthFetching(236, 300)).toBe(true);
  expect(isWorthFetching(237, 300)).toBe(false);
});
