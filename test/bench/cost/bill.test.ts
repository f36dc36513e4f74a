import { expect, test } from "vitest";
import { billOf, monthOf, standingBill, totalOf } from "../../../bench/cost/bill.ts";
import { COUNTER_NAMES, countsOf } from "../../../bench/cost/counts.ts";

const nothing = countsOf(() => 0);
const run = { memoryMb: 2048, milliseconds: 500, logBytes: 600 };
const profiles = { notifier: run, server: run, recorder: run };
const billed = (counts: Partial<typeof nothing>) => {
  const bill = billOf({ ...nothing, ...counts }, profiles);
  return Object.fromEntries(Object.entries(bill).filter(([, dollars]) => dollars > 0));
};

test("nothing costs nothing", () => {
  expect(billed({})).toEqual({});
});

test.each<[Partial<typeof nothing>, Record<string, number>]>([
  [{ s3Writes: 1_000_000, s3Reads: 1_000_000 }, { "S3 requests": 5.4 }],
  [
    { sqsSends: 250_000, sqsReceives: 250_000, sqsDeletes: 250_000, sqsVisibility: 250_000 },
    { "SQS requests": 0.4 },
  ],
  [{ tableReads: 1_000_000, tableWrites: 1_000_000 }, { "DynamoDB units": 0.75 }],
  [{ replyBytes: 1e9 }, { "bytes out of AWS": 0.09 }],
  [{ notehubEvents: 30_000 }, { "Notehub events": 22.5 }],
  [{ jobExecutions: 1000 }, { "AWS IoT Jobs": 3 }],
  [{ mqttMessages: 1_000_000 }, { "AWS IoT messages": 1 }],
  [{ ruleRuns: 1_000_000 }, { "AWS IoT rules": 0.3 }],
  [{ jobCalls: 9, notehubNotes: 9, notehubVariables: 9, webRequests: 9, urlRequests: 9, linkBytes: 9 }, {}],
])("%o costs %o", (counts, bill) => {
  const found = billed(counts);
  expect(Object.keys(found)).toEqual(Object.keys(bill));
  for (const [what, dollars] of Object.entries(bill)) expect(found[what]).toBeCloseTo(dollars, 9);
});

test.each(["notifierRuns", "serverRuns", "recorderRuns"] as const)(
  "%s cost requests, time by their memory, and logs with the lines of Lambda itself",
  (counter) => {
    const found = billed({ [counter]: 1_000_000 });
    expect(found["Lambda requests"]).toBeCloseTo(0.2, 9);
    expect(found["Lambda time (estimate)"]).toBeCloseTo(13.3334, 9); // a million GB-seconds
    expect(found["CloudWatch logs (estimate)"]).toBeCloseTo(0.5, 9);
  },
);

test("of a month's events Notehub gives 5,000 away, and no more than there are", () => {
  const many = { ...nothing, notehubEvents: 2_000 };
  expect(monthOf(billOf(many, profiles), many, 4)).toBeCloseTo(3_000 * 0.000_75, 9);
  const few = { ...nothing, notehubEvents: 100, jobExecutions: 10 };
  expect(monthOf(billOf(few, profiles), few, 4)).toBeCloseTo(4 * 10 * 0.003, 9);
});

test("a month costs something without an update, and more where devices are connected to AWS", () => {
  const standing = { secrets: 4, alarms: 16, metrics: 1, polled: 1, connectedDevices: 0 };
  expect(totalOf(standingBill(standing))).toBeCloseTo(1.6 + 1.6 + 0.3 + 0.2628, 4);
  expect(standingBill({ ...standing, polled: 2 })["idle receives (assumption)"]).toBeCloseTo(0.5256, 4);
  const connected = standingBill({ ...standing, connectedDevices: 1000 });
  expect(connected["connected devices"]).toBeCloseTo(3.504, 9);
  expect(connected["asking for jobs (reckoned)"]).toBeCloseTo(2.503, 3);
});

test("every counter has a name of its own, and a difference is of all", () => {
  expect(new Set(COUNTER_NAMES).size).toBe(Object.keys(nothing).length);
});
