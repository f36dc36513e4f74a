import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concludeUnchanged } from "../../../agent/delivery/conclude.ts";
import { createNoteStates } from "../../../agent/delivery/note-states.ts";
import { planDeliveries } from "../../../agent/delivery/plan.ts";
import { DEFAULT_RETRY_POLICY, pauseMs, restMs } from "../../../agent/delivery/retry-policy.ts";
import type { QueuedNote } from "../../../agent/link/link.ts";
import type { LatestVersion } from "../../../agent/state/latest-versions.ts";
import { formatSeq } from "../../../protocol/seq.ts";
import { announcementOf } from "../support/fake-card.ts";

function planOf(
  queue: readonly QueuedNote[],
  settled: ReadonlySet<string> = new Set(),
  latest: Record<string, LatestVersion> = {},
  resting: readonly string[] = [],
) {
  return planDeliveries(
    queue,
    settled,
    (each) => latest[each],
    (id) => resting.includes(id),
  );
}

/** A queue, oldest first, of versions of the key `a`: "2" has a `seq`, "-" has none, "gone 3" is a deletion. */
function versions(...notes: string[]): QueuedNote[] {
  return notes.map((note, at) => {
    const id = `${at} ${note}`;
    const seq = /\d+/.test(note) ? seqOf(Number(/\d+/.exec(note)?.[0])) : undefined;
    if (note.startsWith("gone")) return { id, gone: { name: "a", seq: seq ?? "", gone: true } };
    return { id, announcement: { ...announcementOf("a", Buffer.from(note)), seq } };
  });
}

const seqOf = (number: number) => formatSeq(number.toString(16).padStart(18, "0"));

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
        const { refusals, candidates } = planOf(queue, settled);
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
    expect(planOf(queue).refusals.map(({ reason }) => reason)).toEqual([
      ...["path", "path", "path", "path", "target"],
    ]);
  });

  test("takes two names of one path for one file", () => {
    const queue = ["devices/dev:1/a", "a"].map((key, at) => ({
      id: `${at}`,
      announcement: announcementOf(key, Buffer.from(key)),
    }));
    expect(planOf(queue).candidates).toMatchObject([{ id: "1", older: [{ id: "0" }] }]);
  });

  test("keeps in mind that another name of the path is gone [NF-2.6]", () => {
    const own = { name: "devices/dev:1/a", seq: seqOf(1), gone: true } as const;
    const fleets = { ...announcementOf("a", Buffer.from("x")), seq: seqOf(2) };
    const [candidate] = planOf([
      { id: "0", gone: own },
      { id: "1", announcement: fleets },
    ]).candidates;
    if (candidate === undefined) throw new Error("nothing is planned");
    expect(concludeUnchanged(candidate).latest).toContainEqual(expect.objectContaining(own));
  });
});

describe("the order of one name [NF-2.5]", () => {
  test.each<[string, string[], string, string[]]>([
    ["is that of seq, not of the queue", ["2", "1"], "0 2", ["1 1"]],
    ["has what carries none after what does", ["2", "-"], "0 2", []],
    ["is that of the queue where none carries it", ["-", "-b"], "1 -b", ["0 -"]],
    ["takes two Notes of one version for one", ["1", "1"], "1 1", ["0 1"]],
    ["counts bytes, not characters", ["255", "256"], "1 256", ["0 255"]],
    ["goes on after a deletion", ["gone 1", "2"], "1 2", ["0 gone 1"]],
  ])("%s", (_what, queue, first, older) => {
    const { candidates, departures } = planOf(versions(...queue));
    expect(departures).toEqual([]);
    expect(candidates.map(({ id }) => id)).toEqual([first]);
    expect(candidates[0]?.older.map(({ id }) => id)).toEqual(older);
  });

  test("ends with a deletion that is newer, and then nothing older is tried [NF-2.6]", () => {
    const { candidates, departures } = planOf(versions("gone 3", "1", "2"));
    expect(candidates).toEqual([]);
    expect(departures).toMatchObject([{ id: "0 gone 3", older: [{ id: "1 1" }, { id: "2 2" }] }]);
  });

  test("knows what was settled before", () => {
    const { candidates, superseded } = planOf(versions("1", "2", "3", "gone 1", "gone 2"), new Set(), {
      a: { seq: seqOf(2) },
    });
    expect(superseded.map(({ id }) => id)).toEqual(["0 1", "3 gone 1", "4 gone 2"]);
    expect(candidates).toMatchObject([{ id: "2 3", older: [{ id: "1 2" }] }]);
  });

  test("lets the server decide about what carries none, even while the newest has to wait", () => {
    const latest = { a: { seq: seqOf(2) } };
    expect(planOf(versions("-"), new Set(), latest).candidates).toMatchObject([{ id: "0 -" }]);
    const { candidates, resting } = planOf(versions("-", "-b"), new Set(), {}, ["1 -b"]);
    expect([candidates.map(({ id }) => id), resting]).toEqual([["0 -"], [{ id: "1 -b", path: "a" }]]);
  });

  test("never tries an older one while the newest has to wait", () => {
    expect(planOf(versions("2", "1"), new Set(), {}, ["0 2"]).candidates).toEqual([]);
  });

  test("does a version once more that is asked for again, once [NF-2.7]", () => {
    const again = (n: number): QueuedNote => ({
      id: `again ${n}`,
      announcement: { ...announcementOf("a", Buffer.from("x")), seq: seqOf(2), again: n },
    });
    const asked = (latest: LatestVersion) =>
      planOf([again(2)], new Set(), { a: latest }).candidates[0]?.again;
    expect(asked({ seq: seqOf(2) })).toBe(true);
    expect(asked({ seq: seqOf(2), again: 2 })).toBe(false);
    expect(planOf([again(2)], new Set(), { a: { seq: seqOf(3) } }).candidates).toEqual([]);
    expect(planOf([again(2), again(1)]).candidates).toMatchObject([{ id: "again 2" }]);
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
    expect([notes.nextEndMs(["1"]), notes.nextEndMs([])]).toEqual([60_000, undefined]);
    now = 60_000;
    expect([notes.isResting("1"), notes.nextEndMs(["1"])]).toEqual([false, 0]);
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
