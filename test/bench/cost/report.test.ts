import { expect, test } from "vitest";
import { type Counted, costsOf } from "../../../bench/cost/costs.ts";
import { countsOf } from "../../../bench/cost/counts.ts";
import { parseCostFlags } from "../../../bench/cost/flags.ts";
import { PRICES } from "../../../bench/cost/prices.ts";
import { report } from "../../../bench/cost/report.ts";

const run = { memoryMb: 512, milliseconds: 10, logBytes: 100 };

/** Of a way that has one Note, or one variable, and one receipt for each device, and each file where `perFile`. */
function counted(perFile: boolean): Counted {
  const pointOf = (devices: number, files: number) => {
    const told = devices * (perFile ? files : 1);
    const notehub = perFile ? { notehubNotes: told, notehubOther: files } : { notehubVariables: 1 };
    const counts = { ...countsOf(() => 0), ...notehub, notehubEvents: told, linkBytes: 500 * told };
    return { devices, files, counts };
  };
  return {
    corners: [1, 3].flatMap((devices) => [1, 5].map((files) => pointOf(devices, files))),
    check: pointOf(2, 2),
    profiles: { notifier: run, server: run, recorder: run },
    ...{ secrets: 4, alarms: 16, metrics: 1, fileBytes: 12_000 },
  };
}

const flags = parseCostFlags([]);
if (flags === undefined) throw new Error("no flags");
const costs = costsOf(flags, counted(true), counted(false));

test("each way has its counts, its dollars, its time under the limit and its bytes a device", () => {
  const [notes, variable, jobs] = costs.ways;
  expect(notes).toMatchObject({ basis: "counted", calls: 30_030, seconds: 255_300, bytesPerDevice: 15_000 });
  expect(notes?.update).toBeCloseTo(30_000 * 0.000_75, 9);
  expect(notes?.month).toBeCloseTo((30_000 * (52 / 12) - 5_000) * 0.000_75, 9);
  expect(variable).toMatchObject({ basis: "counted", calls: 1, seconds: 0, bytesPerDevice: 500 });
  expect(variable?.month).toBeCloseTo(0, 9);
  expect(jobs).toMatchObject({ basis: "by contract, not measured", calls: 0, seconds: undefined });
  expect(jobs?.counts.jobExecutions).toBe(1000);
  expect(jobs?.standing["connected devices"]).toBeCloseTo(3.504, 9);
  expect(variable?.standing["connected devices"]).toBe(0);
});

test("the table is aligned, and says what was not measured, whose prices these are and how good the fit is", () => {
  const text = report(flags, costs);
  const [about, , ...lines] = text.split("\n");
  expect(about).toBe("Updates of 30 files of a fleet of 1,000 devices, 52 a year");
  const rows = lines.slice(0, lines.indexOf("")).filter((line) => /\d|call|once/.test(line));
  expect(new Set(rows.map((row) => row.length)).size).toBe(1);
  expect(text).toMatch(/by Notes +by variable +by AWS IoT Jobs \*\n/);
  expect(text).toMatch(/Notehub's API has taken all calls +3\.0 days +at once +no call/);
  expect(text).toContain("by AWS IoT Jobs: by contract, not measured; ");
  expect(text).toMatch(
    /us-east-1, list prices of \d{4}-\d\d-\d\d: second-hand, but from memory for .*minute connected/,
  );
  expect(text).toContain(
    "by variable, fit against what was counted for 2 devices and 2 files: nothing is off",
  );
  expect(text).not.toContain("S3 GET and HEAD\n"); // and of the rows without a number none is shown
});

test("more than a step holds is told, since a fit from small updates does not know of it", () => {
  const variable = counted(false);
  const withReplies = (perFile: number): Counted => ({
    ...variable,
    corners: variable.corners.map(({ devices, files, counts }) => ({
      ...{ devices, files, counts: { ...counts, replyBytes: perFile * files * devices } },
    })),
  });
  const told = (perFile: number) => report(flags, costsOf(flags, counted(true), withReplies(perFile)));
  expect(told(273)).not.toContain("than a step holds"); // 30 of them are 8,190 bytes
  expect(told(274)).toContain("than a step holds");
});

test("a fit that is off is told by its worst counter", () => {
  const notes = counted(true);
  const off = { ...notes.check, counts: { ...notes.check.counts, notehubEvents: 5, linkBytes: 2_100 } };
  const text = report(flags, costsOf(flags, { ...notes, check: off }, counted(false)));
  expect(text).toContain("at most 20 % off (Notehub events (receipts): 4.0 for 5), 1 more by less.");
});

test("every price names its page and how it was checked", () => {
  for (const { page, dollars, checked } of Object.values(PRICES)) {
    expect(page).toMatch(/^https:\/\/(?:aws\.amazon|blues)\.com\//);
    expect(dollars).toBeGreaterThan(0);
    expect(["second-hand", "memory"]).toContain(checked);
  }
});
