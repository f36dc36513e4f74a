import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { memoryFolder } from "../support/memory-folder.ts";
import { createRandom, readSeed } from "../support/seeded-random.ts";
import { runMachine } from "./support/model/machine.ts";

const LONG = process.env.NOTEFERRY_FAULTS === "long";
const RUNS = Number(process.env.NOTEFERRY_RUNS ?? (LONG ? 10_000 : 200));
const SEED = readSeed();

test(
  "[NF-8.1] [NF-2.5] once all has settled, the device has what the bucket has, whatever came in whatever order",
  async () => {
    const folder = await mkdtemp(path.join(memoryFolder(), "noteferry-model-"));
    try {
      for (let run = 0; run < RUNS; run += 1) {
        const seed = SEED + run;
        const home = path.join(folder, String(run));
        const wrong = await runMachine(createRandom(seed), home).catch((cause) => {
          throw new Error(`NOTEFERRY_SEED=${seed} NOTEFERRY_RUNS=1`, { cause });
        });
        expect(wrong, `NOTEFERRY_SEED=${seed} NOTEFERRY_RUNS=1`).toEqual([]);
        await rm(home, { recursive: true });
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  60_000 + 500 * RUNS,
);
