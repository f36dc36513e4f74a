import { expect, test } from "vitest";
import { type Link, LinkDown } from "../../../agent/link/link.ts";
import type { Announcement } from "../../../protocol/announcement.ts";
import type { Receipt } from "../../../protocol/receipt.ts";
import { patternedBytes } from "../../agent/support/patterned-bytes.ts";
import { createRandom, type Random, readSeed, runs } from "../../support/seeded-random.ts";
import { describeFetch, type LinkUnderTest, NEVER } from "./support/describe-link.ts";

const FILES = 5;
const MAX_FILE_BYTES = 100_000;
const MAX_BREAKS = 25;

const seed = readSeed();

/** What is known across links, as the agent has it on disk. `fetched` is by key, `settled` has ids. */
type Memory = { fetched: Map<string, Buffer>; settled: Set<string>; largestChunk: number };

const receiptOf = ({ name, sha256, size }: Announcement): Receipt => ({
  ...{ name, sha256, state: "installed", bytes: size, requests: 1 },
});

/** Works the queue off, as simply as can be. */
async function workOff(link: Link, memory: Memory, random: Random): Promise<void> {
  const { settled } = memory;
  for (let queue = await link.list(); queue.length > 0; queue = await link.list()) {
    for (const { id, announcement } of queue) {
      if (settled.has(id) || announcement === undefined) continue;
      await link.raise(NEVER, () => undefined);
      await fetchRest(link, announcement, memory);
      await link.lower();
      await link.report(receiptOf(announcement));
      settled.add(id);
    }
    if (random.chance(0.5)) await link.discard(settled, NEVER);
    else await link.wait(10, NEVER);
  }
}

async function fetchRest(link: Link, { name, etag, size }: Announcement, memory: Memory): Promise<void> {
  for (;;) {
    const before = memory.fetched.get(name) ?? Buffer.alloc(0);
    if (before.length >= size) return;
    memory.largestChunk = Math.max(memory.largestChunk, link.chunkBytes());
    const bytes = await link.fetch({ key: name, etag, size }, before.length);
    memory.fetched.set(name, Buffer.concat([before, bytes]));
  }
}

/** @returns how often the line broke. */
async function workOffOverBrokenLines(
  { links, line, publish, link }: LinkUnderTest,
  memory: Memory,
  random: Random,
): Promise<number> {
  await link.close();
  for (let breaks = 0; ; breaks += 1) {
    if (breaks < MAX_BREAKS) line.breakAfter(random.below(10 ** (1 + random.below(5))));
    let next: Link | undefined;
    try {
      next = await links.open(NEVER);
      await workOff(next, memory, random);
      return breaks;
    } catch (error) {
      expect(error).toBeInstanceOf(LinkDown);
    } finally {
      await next?.close();
    }
    if (random.chance(0.2))
      await publish(`later-${breaks}`, patternedBytes(1 + random.below(1_000), breaks + 1));
  }
}

describeFetch(
  "a line that breaks at any moment",
  (start) => {
    // What jobs tell is tried with the whole agent: test/agent/link/iot/faults.test.ts.
    test.for(runs(1))(
      "costs no file, no announcement and no receipt, and LinkDown alone is thrown: run %d",
      async (run) => {
        const random = createRandom(seed + run);
        const under = await start();
        const { publish, server, receipts } = under;
        for (let at = 0; at < FILES; at += 1) {
          await publish(`file-${at}`, patternedBytes(1 + random.below(MAX_FILE_BYTES), at + 1));
        }
        const memory: Memory = { fetched: new Map(), settled: new Set(), largestChunk: 0 };
        const breaks = await workOffOverBrokenLines(under, memory, random);
        expect(breaks).toBeGreaterThan(0);
        for (const [key, bytes] of server.files) expect(memory.fetched.get(key)?.equals(bytes)).toBe(true);
        const total = [...server.files.values()].reduce((sum, { length }) => sum + length, 0);
        // What is on its way when the line breaks is paid for in vain; nothing else is fetched again.
        expect(server.bytes).toBeLessThanOrEqual(total + breaks * memory.largestChunk);
        const names = (await receipts()).map((receipt) => Object(receipt).name);
        expect(new Set(names)).toEqual(new Set(server.files.keys()));
        expect(names.length).toBeLessThanOrEqual(server.files.size + breaks);
      },
    );
  },
  ({ hasNotes }) => hasNotes,
);
