import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readJournaledRecord } from "../../../agent/state/journaled-record.ts";
import { compileCache } from "../../support/compile-cache.ts";
import { createRandom, type Random, readSeed } from "../../support/seeded-random.ts";
import { dieAt, withDisk } from "../support/updated-device.ts";
import { choose, HOUR_MS, LONG } from "./support/cases.ts";
import { callsOf, FORM, outcomeOf, type Value } from "./support/record-calls.ts";

const SEED = readSeed();
const CALLS = 24;
const MAKE_CALLS = path.join(import.meta.dirname, "support/make-calls.ts");

async function recordFile(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-record-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return path.join(folder, "record.json");
}

/** @returns the calls that were said to be on disk, those before the first included. */
function makeCalls(file: string, seed: number, first: number, { node = [], env = {} } = dieAt(0, "kill")) {
  const args = [...node, MAKE_CALLS, file, String(seed), String(CALLS), String(first)];
  const options = { env: { ...process.env, ...compileCache(), ...env } };
  return new Promise<number>((resolve) => {
    execFile(process.execPath, args, options, (_, stdout) =>
      resolve(Math.max(first, ...stdout.split("\n").map(Number))),
    );
  });
}

async function valuesOf(file: string): Promise<ReadonlyMap<string, Value>> {
  const found = await readJournaledRecord(file, FORM);
  expect(found, "the record").not.toBe("damaged");
  return typeof found === "string" ? new Map() : found.values;
}

/** What was said to be on disk is there; the call that was under way is there whole or not at all. @returns the calls that are there. */
async function expectAfter(file: string, seed: number, said: number, what: string): Promise<number> {
  const calls = callsOf(seed, CALLS);
  const found = await valuesOf(file);
  const [less, more] = [outcomeOf(calls.slice(0, said)), outcomeOf(calls.slice(0, said + 1))];
  const asMore = JSON.stringify([...more].toSorted()) === JSON.stringify([...found].toSorted());
  expect(Object.fromEntries(found), what).toEqual(Object.fromEntries(asMore ? more : less));
  return said;
}

async function countOperations(seed: number): Promise<number> {
  const file = await recordFile();
  const countFile = path.join(path.dirname(file), "count");
  const counting = dieAt(0, "kill");
  expect(
    await makeCalls(file, seed, 0, { ...counting, env: { ...counting.env, COUNT_FILE: countFile } }),
  ).toBe(CALLS);
  return Number(await readFile(countFile, "utf8"));
}

const howOf = (random: Random) => random.pick(["kill", "power"]);

test(
  "a process that dies at any operation loses no call that returned, and so does its successor",
  async () => {
    const random = createRandom(SEED);
    const operations = await countOperations(SEED);
    for (const operation of choose(random, operations, 6)) {
      for (const how of LONG ? ["kill", "power"] : [howOf(random)]) {
        const file = await recordFile();
        const [other, second] = [howOf(random), 1 + random.below(operations)];
        const what = `${how} at ${operation}, ${other} at ${second}`;
        const said = await makeCalls(file, SEED, 0, dieAt(operation, how));
        await expectAfter(file, SEED, said, what);
        const again = await makeCalls(file, SEED, said, dieAt(second, other));
        await expectAfter(file, SEED, again, what);
        expect(await makeCalls(file, SEED, again), what).toBe(CALLS);
        await expectAfter(file, SEED, CALLS, what);
      }
    }
  },
  HOUR_MS,
);

test(
  "what a disk does not take is written with the next try, and nothing else is lost by it",
  async () => {
    const random = createRandom(SEED + 1);
    const operations = await countOperations(SEED);
    for (const at of choose(random, operations, 4)) {
      const file = await recordFile();
      const code = random.pick(["ENOSPC", "EIO", "EROFS"]);
      const later = at + 1 + random.below(6);
      const faulty = withDisk([
        { at, code },
        { at: later, code },
      ]);
      const death = { DIE_AT: String(later + 1 + random.below(20)), DIE_HOW: "power" };
      const said = await makeCalls(file, SEED, 0, { ...faulty, env: { ...faulty.env, ...death } });
      await expectAfter(file, SEED, said, `${code} at ${at} and ${later}, ${JSON.stringify(death)}`);
      expect(await makeCalls(file, SEED, said)).toBe(CALLS);
      await expectAfter(file, SEED, CALLS, `${code} at ${at} and ${later}`);
    }
  },
  HOUR_MS,
);
