import fc from "fast-check";
import { expect, test } from "vitest";
import { follow, type Look, standingBy } from "../../../../operator/cloud/queues/follow.ts";

const lost = Object.assign(new Error("lost"), { code: "ECONNRESET" });
const denied = Object.assign(new Error("no grant"), { name: "AccessDenied" });

/** Follows five messages by what each look in turn finds, the last one for ever; the clock goes by the pauses alone. */
async function followed(looks: readonly (Look | Error)[], waitMs = 60_000) {
  const told: string[] = [];
  let at = 0;
  let now = 0;
  const standing = await follow(
    { moved: 5, stayed: 1, waitMs },
    {
      async look() {
        const next = looks[Math.min(at, looks.length - 1)];
        at += 1;
        if (next === undefined || next instanceof Error) throw next;
        return next;
      },
      tell: (sentence) => told.push(sentence),
      async pause(ms) {
        now += ms;
      },
      now: () => now,
    },
  );
  return { standing, told, looks: at, now };
}

test("it ends once the queue was empty for some looks, and not at the first: SQS's numbers lag", async () => {
  const empty = { trying: 0, dead: 1 };
  expect(
    await followed([empty, { trying: 5, dead: 1 }, { trying: 2, dead: 2 }, { trying: 0, dead: 3 }]),
  ).toEqual({
    standing: { trying: 0, back: 2 },
    told: [
      "about 0 still being tried, 0 among the dead letters again",
      "about 5 still being tried, 0 among the dead letters again",
      "about 2 still being tried, 1 among the dead letters again",
      "about 0 still being tried, 2 among the dead letters again",
    ],
    ...{ looks: 8, now: 16_000 },
  });
});

test("it ends with the time, whatever is still tried", async () => {
  const { standing, now } = await followed([{ trying: 9, dead: 1 }], 5000);
  expect({ standing, now }).toEqual({ standing: { trying: 5, back: 0 }, now: 5000 });
});

test("a look that fails and may pass is told once; one that cannot ends it", async () => {
  const { told, standing } = await followed([lost, lost, { trying: 0, dead: 1 }]);
  expect(told).toEqual([
    "there is no connection: lost. It is asked again",
    "about 0 still being tried, 0 among the dead letters again",
  ]);
  expect(standing).toEqual({ trying: 0, back: 0 });
  await expect(followed([denied])).rejects.toBe(denied);
});

test("of what SQS counts, no more is taken for ours than was moved", () => {
  const count = fc.nat(1000);
  fc.assert(
    fc.property(count, count, count, count, (trying, dead, moved, stayed) => {
      const standing = standingBy({ trying, dead }, moved, stayed);
      expect(standing.trying).toBeGreaterThanOrEqual(0);
      expect(standing.back).toBeGreaterThanOrEqual(0);
      expect(standing.trying + standing.back).toBeLessThanOrEqual(moved);
    }),
  );
});
