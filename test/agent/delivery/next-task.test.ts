import { describe, expect, test } from "vitest";
import { nextTask, type Progress, type Unit } from "../../../agent/delivery/next-task.ts";
import type { Candidate } from "../../../agent/delivery/plan.ts";
import type { RunRule } from "../../../agent/trial/run-rule.ts";
import { announcementOf } from "../support/fake-card.ts";

const RULE: RunRule = { match: "app/**", command: ["x"], seconds: 1 };

const candidate = (id: string): Candidate => ({
  ...{
    id,
    path: id,
    announcement: announcementOf(id, Buffer.from(id)),
    again: false,
    payloads: [],
    older: [],
  },
  ...{ group: undefined, remove: undefined },
});
const [a, b, c, single] = ["a", "b", "c", "single"].map(candidate) as [
  Candidate,
  Candidate,
  Candidate,
  Candidate,
];

const unit = (members: Candidate[], closesInMs = 0, resting: string[] = []): Unit => ({
  ...{ rule: RULE, members, closesInMs, resting },
});

/** What comes next, in words. `progress` has a letter for each file: r ready, h held. */
function next(candidates: Candidate[], units: Unit[], progress: string = "", condemned = false): string {
  const progressOf = (id: string): Progress => ({
    ready: progress.includes(`${id}r`),
    held: progress.includes(`${id}h`),
  });
  const task = nextTask(candidates, units, progressOf, () => condemned);
  if (task === undefined) return "nothing";
  const ids = "candidate" in task ? [task.candidate.id] : task.unit.members.map(({ id }) => id);
  return `${task.do} ${ids.join("")}`;
}

describe("what comes next", () => {
  test("is what was queued first, a file by itself or one of a unit", () => {
    expect(next([single, a, b], [unit([a, b])])).toBe("deliver single");
    expect(next([a, single, b], [unit([a, b])])).toBe("prepare a");
    expect(next([a, single, b], [unit([a, b])], "ar")).toBe("deliver single");
    expect(next([a, b], [unit([a, b])], "ar")).toBe("prepare b");
  });

  test("is to put a unit in place once all of it is ready and no more is expected", () => {
    expect(next([single, a, b], [unit([a, b])], "ar br")).toBe("place ab");
    expect(next([a, b], [unit([a, b], 10)], "ar br")).toBe("nothing");
    expect(next([a], [unit([a], 0, ["b"])], "ar")).toBe("nothing");
  });

  test("fetches before it is known whether more comes", () => {
    expect(next([a], [unit([a], 1500)])).toBe("prepare a");
  });

  test("is not a unit that an earlier one of its rule has still to come before, unless that has to wait", () => {
    expect(next([a, b], [unit([a]), unit([b])], "br")).toBe("prepare a");
    expect(next([b], [unit([], 0, ["a"]), unit([b])], "br")).toBe("place b");
  });

  test("leaves what failed before alone until it is known what goes with it", () => {
    expect(next([a, b], [unit([a, b], 10)], "ah br")).toBe("nothing");
    expect(next([a, b, c], [unit([a, b, c])], "ah br")).toBe("prepare c");
    expect(next([a, b], [unit([a, b])], "ah br")).toBe("prepare a");
    expect(next([a, b], [unit([a, b])], "ah bh", true)).toBe("condemn ab");
    expect(next([a], [unit([a], 0, ["b"])], "ah", true)).toBe("nothing");
  });
});
