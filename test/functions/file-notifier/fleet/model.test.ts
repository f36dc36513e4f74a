import { expect, test } from "vitest";
import { createRandom, readSeed } from "../../../support/seeded-random.ts";
import { runFleets } from "../support/fleet-model/run-fleets.ts";

const LONG = process.env.NOTEFERRY_FAULTS === "long";
const RUNS = Number(process.env.NOTEFERRY_RUNS ?? (LONG ? 10_000 : 25));
const SEED = readSeed();

test.each([
  ["once all has settled, each fleet is told what the bucket has", false],
  ["and after a sweep also where events were lost, requests came late and the setting was switched", true],
])(
  "%s [NF-11.3] [NF-11.14]",
  async (_what, loses) => {
    for (let run = 0; run < RUNS; run += 1) {
      const seed = SEED + run;
      const wrong = await runFleets(createRandom(seed), { loses }).catch((cause) => {
        throw new Error(`NOTEFERRY_SEED=${seed} NOTEFERRY_RUNS=1`, { cause });
      });
      expect(wrong, `NOTEFERRY_SEED=${seed} NOTEFERRY_RUNS=1`).toEqual([]);
    }
  },
  60_000 + 1_000 * RUNS,
);
