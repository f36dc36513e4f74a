import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createNoteStates } from "../../../agent/delivery/note-states.ts";
import { planDeliveries } from "../../../agent/delivery/plan.ts";
import { DEFAULT_RETRY_POLICY, pauseMs, restMs } from "../../../agent/delivery/retry-policy.ts";
import type { QueuedNote } from "../../../agent/link/link.ts";
import { announcementOf } from "../support/fake-card.ts";

const name = fc.constantFrom(
  "a",
  "b",
  "devices/dev:1/a",
  "fleets/fleet:1/b",
  "../evil",
  "devices/x/y",
  "a//b",
);
const queues = fc
  .array(fc.record({ name: fc.option(name), version: fc.nat(3) }), { maxLength: 12 })
  .map((notes) =>
    notes.map(({ name: key, version }, at): QueuedNote => {
      const id = `1:${at}`;
      return key === null
        ? { id }
        : { id, announcement: announcementOf(key, Buffer.from(`${key} ${version}`)) };
    }),
  );

describe("the plan for a queue", () => {
  test("has every Note that is not settled exactly once, and the newest of each path in front [NF-2.2]", () => {
    fc.assert(
      fc.property(queues, fc.array(fc.nat(12)), (queue, done) => {
        const settled = new Set(done.map((at) => `1:${at}`));
        const { refusals, candidates } = planDeliveries(queue, settled);
        const planned = [
          ...refusals.map(({ id }) => id),
          ...candidates.flatMap(({ id, older }) => [id, ...older.map((note) => note.id)]),
        ];
        const unsettled = queue.map(({ id }) => id).filter((id) => !settled.has(id));
        expect(planned.toSorted()).toEqual(unsettled.toSorted());
        const positions = candidates.map(({ id }) => queue.findIndex((note) => note.id === id));
        expect(positions).toEqual(positions.toSorted((a, b) => a - b));
        for (const { id, older } of candidates) {
          const newest = queue.findIndex((note) => note.id === id);
          expect(older.every((note) => queue.findIndex((each) => each.id === note.id) < newest)).toBe(true);
        }
        expect(new Set(candidates.map(({ path }) => path)).size).toBe(candidates.length);
      }),
    );
  });

  test("refuses what no path may be, whoever announced it [NF-1.4]", () => {
    const queue = ["../evil", "/etc/x", "a\u0000b", "devices/dev:1/..", "fleets/dev:1/a"].map((key, at) => ({
      id: `1:${at}`,
      announcement: announcementOf(key, Buffer.from("x")),
    }));
    expect(planDeliveries(queue, new Set()).refusals.map(({ reason }) => reason)).toEqual([
      ...["path", "path", "path", "path", "target"],
    ]);
  });

  test("takes two names of one path for one file", () => {
    const queue = ["devices/dev:1/a", "a"].map((key, at) => ({
      id: `${at}`,
      announcement: announcementOf(key, Buffer.from(key)),
    }));
    expect(planDeliveries(queue, new Set()).candidates).toMatchObject([{ id: "1", older: [{ id: "0" }] }]);
  });
});

describe("patience", () => {
  const policy = {
    ...DEFAULT_RETRY_POLICY,
    firstPauseMs: 1000,
    longestPauseMs: 8000,
    firstRestMs: 60_000,
    longestRestMs: 200_000,
  };

  test("doubles, with chance, up to a bound; the server's word goes first, within reason", () => {
    expect([1, 2, 3, 4, 5, 50].map((failures) => pauseMs(policy, failures, undefined, 0.999999))).toEqual(
      [1000, 2000, 4000, 8000, 8000, 8000].map((pause) => expect.closeTo(pause, -1)),
    );
    expect(pauseMs(policy, 1, undefined, 0)).toBe(500);
    expect(pauseMs(policy, 1, 7, 0)).toBe(7000);
    expect(pauseMs(policy, 1, 1e9, 0)).toBe(900_000);
  });

  test("is never shorter than the server asks for, and never without a pause", () => {
    expect(pauseMs(policy, 1, 7, 0.999999)).toBeCloseTo(8750, -1);
    expect([1, 5].map((failures) => pauseMs(policy, failures, 0, 0))).toEqual([1000, 1000]);
  });

  test("rests longer each time, and devices that failed together do not come again together", () => {
    const failures = [1, 2, 3, 99];
    expect(failures.map((count) => restMs(policy, count, 0))).toEqual([30_000, 60_000, 100_000, 100_000]);
    expect(failures.map((count) => restMs(policy, count, 0.999999))).toEqual(
      [60_000, 120_000, 200_000, 200_000].map((rest) => expect.closeTo(rest, -1)),
    );
  });

  test("is kept for the announcement that failed, not for a newer one", () => {
    let now = 0;
    const notes = createNoteStates(
      { ...policy, firstRestMs: 120_000, longestRestMs: 400_000 },
      () => now,
      () => 0,
    );
    expect(notes.beginRest("1")).toBe(60_000);
    expect(["1", "2"].map((id) => notes.isResting(id))).toEqual([true, false]);
    expect([notes.nextEndMs(["1", "2"]), notes.nextEndMs(["2"])]).toEqual([60_000, undefined]);
    now = 60_000;
    expect([notes.isResting("1"), notes.nextEndMs(["1"])]).toEqual([false, undefined]);
    expect(notes.beginRest("1")).toBe(120_000);
    expect(notes.beginRest("2")).toBe(60_000);
  });

  test("is forgotten with the Note", () => {
    const notes = createNoteStates(policy);
    notes.of("1").settled = true;
    notes.beginRest("2");
    expect([...notes.settled()]).toEqual(["1"]);
    notes.keepOnly(new Set(["3"]));
    expect([...notes.settled(), notes.isResting("2")]).toEqual([false]);
  });
});
