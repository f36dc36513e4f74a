import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { writeDurably } from "../../../agent/state/durable-file.ts";
import { openJournaledRecord, readJournaledRecord } from "../../../agent/state/journaled-record.ts";
import { readJsonFile } from "../../../agent/state/json-record.ts";
import { callsOf, FORM, outcomeOf, type Value } from "../faults/support/record-calls.ts";

let file: string;
let journal: string;

beforeEach(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-record-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  file = path.join(folder, "record.json");
  journal = path.join(folder, "record.journal");
});

const read = async (): Promise<ReadonlyMap<string, Value>> => {
  const found = await readJournaledRecord(file, FORM);
  return typeof found === "string" ? new Map() : found.values;
};

/** What the version before of the agent reads. */
const readRecordAlone = async () => {
  const found = await readJsonFile(file, FORM.record);
  return typeof found === "string" ? new Map() : found.value;
};

/** Makes calls from a first one on, by a record that was opened just now. */
async function make(calls: ReturnType<typeof callsOf>, first = 0) {
  const record = await openJournaledRecord(file, FORM);
  expect(record.values).toEqual(outcomeOf(calls.slice(0, first)));
  for (let at = first; at < calls.length; at += 1)
    await record.write(outcomeOf(calls.slice(0, at)), calls[at] ?? new Map());
  return record;
}

test("has what a map would have, however often it is opened or folded", async () => {
  const runs = fc.array(fc.record({ calls: fc.nat(6), fold: fc.boolean() }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.constantFrom(10, 5000), runs, async (seed, longest, phases) => {
      for (const each of [file, journal]) await rm(each, { force: true });
      const calls = callsOf(seed, 30, longest);
      let made = 0;
      for (const { calls: more, fold } of phases) {
        const record = await make(calls.slice(0, made + more), made);
        made += more;
        expect(await read()).toEqual(outcomeOf(calls.slice(0, made)));
        if (!fold) continue;
        await record.fold(outcomeOf(calls.slice(0, made)));
        expect(await readRecordAlone()).toEqual(outcomeOf(calls.slice(0, made)));
        expect(await readdir(path.dirname(file))).not.toContain("record.journal");
      }
    }),
    { numRuns: 40 },
  );
});

describe("a journal", () => {
  test("that is cut off anywhere has what was whole, and the next call loses nothing", async () => {
    const calls = callsOf(7, 6, 40);
    await make(calls);
    const whole = await readFile(journal);
    const record = await readFile(file);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      await writeFile(file, record);
      await writeFile(journal, whole.subarray(0, cut));
      // The first call wrote the record; a line counts once its last bracket is there.
      const lines =
        whole
          .subarray(0, cut + 1)
          .toString("latin1")
          .split("\n").length - 2;
      const made = 1 + Math.max(0, lines);
      expect(await read(), `cut at ${cut}`).toEqual(outcomeOf(calls.slice(0, made)));
      if (cut % 16 === 0) {
        await make(calls, made);
        expect(await read(), `cut at ${cut}, and on`).toEqual(outcomeOf(calls));
      }
    }
  });

  test.each(["\0\0\0\0\0\0", '[["a",{"te', "{}\n", '[["a",{"text":1}]]\n'])(
    "that ends in what a power loss leaves (%j) has what comes before that",
    async (garbage) => {
      const calls = callsOf(8, 8, 40);
      await make(calls.slice(0, 5));
      await appendFile(journal, garbage);
      expect(await read()).toEqual(outcomeOf(calls.slice(0, 5)));
      await make(calls, 5);
      expect(await read()).toEqual(outcomeOf(calls));
    },
  );

  test("undoes nothing that an agent wrote which does not know it", async () => {
    const calls = callsOf(9, 6, 40);
    await make(calls);
    const its = { version: 1, values: { a: { text: "of the version before" } } };
    await writeDurably(file, JSON.stringify(its));
    expect(await read()).toEqual(new Map([["a", { text: "of the version before" }]]));
  });

  test("costs what a call changes", async () => {
    const many = new Map(Array.from({ length: 1000 }, (_, at) => [`${at}`, { text: "x".repeat(100) }]));
    const record = await openJournaledRecord(file, FORM);
    await record.write(new Map(), many);
    const before = await stat(file);
    for (let at = 0; at < 20; at += 1) await record.write(many, new Map([["0", { text: `${at}` }]]));
    expect((await stat(file)).ino).toBe(before.ino);
    expect((await stat(journal)).size).toBeLessThan(1000);
  });
});

test("whoever only looks sees all that was said to be there, while it is written", async () => {
  const record = await openJournaledRecord(file, FORM);
  let written = 0;
  const writing = (async () => {
    for (let at = 1; at <= 200; at += 1) {
      await record.write(new Map(), new Map([["a", { text: `${at} ${"x".repeat(2000)}` }]]));
      written = at;
    }
  })();
  while (written < 200) {
    const before = written;
    const seen = Number((await read()).get("a")?.text.split(" ")[0] ?? 0);
    expect(seen).toBeGreaterThanOrEqual(before);
  }
  await writing;
});
