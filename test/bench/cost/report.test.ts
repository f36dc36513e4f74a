import { expect, test } from "vitest";
import { type Counted, costsOf } from "../../../bench/cost/costs.ts";
import { countsOf } from "../../../bench/cost/counts.ts";
import { parseCostFlags } from "../../../bench/cost/flags.ts";
import { PRICES } from "../../../bench/cost/prices.ts";
import { report } from "../../../bench/cost/report.ts";

const run = { memoryMb: 512, milliseconds: 10, logBytes: 100 };

/** Of a way that has one Note, one variable or one job, and one receipt for each device, and by Notes each file. */
function counted(way: "notes" | "variable" | "jobs"): Counted {
  const pointOf = (devices: number, files: number) => {
    const told = devices * (way === "notes" ? files : 1);
    const by = {
      notes: { notehubNotes: told, notehubOther: files, notehubEvents: told },
      variable: { notehubVariables: 1, notehubEvents: told },
      jobs: { jobCalls: 1, jobExecutions: told },
    };
    const counts = { ...countsOf(() => 0), ...by[way], linkBytes: 500 * told };
    return { devices, files, counts };
  };
  return {
    corners: [1, 3].flatMap((devices) => [1, 5].map((files) => pointOf(devices, files))),
    check: pointOf(2, 2),
    profiles: { notifier: run, server: run, recorder: run },
    ...{ secrets: 4, alarms: 16, metrics: 1, polled: 1 },
  };
}

const flags = parseCostFlags([]);
if (flags === undefined) throw new Error("no flags");
const all = { notes: counted("notes"), variable: counted("variable"), jobs: counted("jobs") };
const costs = costsOf(flags, all);

test("each way has its counts, its dollars, its time under the limit and its bytes a device", () => {
  const [notes, variable, jobs] = costs.ways;
  expect(notes).toMatchObject({ calls: 30_030, seconds: 255_300, bytesPerDevice: 15_000 });
  expect(notes?.update).toBeCloseTo(30_000 * 0.000_75, 9);
  expect(notes?.month).toBeCloseTo((30_000 * (52 / 12) - 5_000) * 0.000_75, 9);
  expect(variable).toMatchObject({ calls: 1, seconds: 0, bytesPerDevice: 500 });
  expect(variable?.month).toBeCloseTo(0, 9);
  expect(jobs).toMatchObject({ calls: 0, seconds: undefined, bytesPerDevice: 500 });
  expect(jobs?.update).toBeCloseTo(3, 9);
  expect(jobs?.counts.jobExecutions).toBe(1000);
  expect(jobs?.standing["connected devices"]).toBeCloseTo(3.504, 9);
  expect(variable?.standing["connected devices"]).toBe(0);
});

test("the table is aligned, and says whose prices these are and how good the fit is", () => {
  const text = report(flags, costs);
  const [about, , ...lines] = text.split("\n");
  expect(about).toBe("Updates of 30 files of a fleet of 1,000 devices, 52 a year");
  const rows = lines.slice(0, lines.indexOf("")).filter((line) => /\d|call|once/.test(line));
  expect(new Set(rows.map((row) => row.length)).size).toBe(1);
  expect(text).toMatch(/by Notes +by variable +by AWS IoT Jobs\n/);
  expect(text).toMatch(/Notehub's API has taken all calls +3\.0 days +at once +no call/);
  expect(text).toMatch(
    /us-east-1, list prices of \d{4}-\d\d-\d\d: second-hand, but from memory for .*minute connected/,
  );
  for (const way of ["by Notes", "by variable", "by AWS IoT Jobs"])
    expect(text).toContain(`${way}, fit against what was counted for 2 devices and 2 files: nothing is off`);
  expect(text).not.toContain("S3 GET and HEAD\n"); // and of the rows without a number none is shown
});

test("more than a step holds is told, since a fit from small updates does not know of it", () => {
  const withReplies = (way: Counted, perFile: number): Counted => ({
    ...way,
    corners: way.corners.map(({ devices, files, counts }) => ({
      ...{ devices, files, counts: { ...counts, replyBytes: perFile * files * devices } },
    })),
  });
  const told = (way: "notes" | "variable" | "jobs", perFile: number) =>
    report(flags, costsOf(flags, { ...all, [way]: withReplies(all[way], perFile) }));
  expect(told("variable", 273)).not.toContain("than a step holds"); // 30 of them are 8,190 bytes
  expect(told("variable", 274)).toContain(
    "by variable, the patches of so many files are more than a step holds",
  );
  expect(told("jobs", 274)).toContain("by AWS IoT Jobs, the patches of so many files are more");
  expect(told("notes", 274)).not.toContain("than a step holds");
});

test("a fit that is off is told by its worst counter", () => {
  const notes = counted("notes");
  const off = { ...notes.check, counts: { ...notes.check.counts, notehubEvents: 5, linkBytes: 2_100 } };
  const text = report(flags, costsOf(flags, { ...all, notes: { ...notes, check: off } }));
  expect(text).toContain("at most 20 % off (Notehub events (receipts): 4.0 for 5), 1 more by less.");
});

test("every price names its page and how it was checked", () => {
  for (const { page, dollars, checked } of Object.values(PRICES)) {
    expect(page).toMatch(/^https:\/\/(?:aws\.amazon|blues)\.com\//);
    expect(dollars).toBeGreaterThan(0);
    expect(["second-hand", "memory"]).toContain(checked);
  }
});
