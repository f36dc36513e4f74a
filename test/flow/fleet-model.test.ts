import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filesAtOnce } from "../support/files-at-once.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { createRandom, readSeed } from "../support/seeded-random.ts";
import { runFleetMachine } from "./support/model/fleet/run.ts";

const LONG = process.env.NOTEFERRY_FAULTS === "long";
const RUNS = Number(process.env.NOTEFERRY_RUNS ?? (LONG ? 10_000 : 20));
const SEED = readSeed();

/** While one waits for the threads that pack, others go on; what happens in which order in a run, its seed alone decides. */
const RUNS_AT_ONCE = 4;

/** A long run goes on behind a failure, and tells so many. */
const FAILURES_TOLD = 20;

let undo: () => void;
beforeAll(() => {
  undo = filesAtOnce();
});
afterAll(() => undo());

test(
  "[NF-11.10] [NF-11.14] once all has settled, every device has what bucket and shares say, and its newest receipt says so",
  async () => {
    const folder = await mkdtemp(path.join(memoryFolder(), "noteferry-fleets-"));
    const failures: unknown[] = [];
    const runs = Array.from({ length: RUNS }, (_, run) => run).values(); // shared, so each run is taken once
    try {
      await Promise.all(
        Array.from({ length: RUNS_AT_ONCE }, async () => {
          for (const run of runs) {
            if (failures.length >= FAILURES_TOLD) return;
            await runOnce(SEED + run, path.join(folder, String(run))).catch((error) => failures.push(error));
          }
        }),
      );
      if (failures.length > 1)
        throw new AggregateError(failures, failures.map((failure) => inspect(failure)).join("\n"));
      if (failures.length === 1) throw failures[0];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  60_000 + 2_000 * RUNS,
);

async function runOnce(seed: number, home: string): Promise<void> {
  const wrong = await runFleetMachine(createRandom(seed), home).catch((cause) => {
    throw new Error(`NOTEFERRY_SEED=${seed} NOTEFERRY_RUNS=1`, { cause });
  });
  expect(wrong, `NOTEFERRY_SEED=${seed} NOTEFERRY_RUNS=1`).toEqual([]);
  await rm(home, { recursive: true });
}
