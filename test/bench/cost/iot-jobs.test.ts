import { expect, test } from "vitest";
import { billOf } from "../../../bench/cost/bill.ts";
import { countsOf, notehubCalls } from "../../../bench/cost/counts.ts";
import { fitPlanes } from "../../../bench/cost/fit.ts";
import { jobCounts } from "../../../bench/cost/iot-jobs.ts";

// Of everything, as many as a variable might take: 7, and 2 a file, 3 a device.
const byVariable = fitPlanes(
  [1, 3].flatMap((devices) =>
    [1, 5].map((files) => ({ devices, files, counts: countsOf(() => 7 + 2 * files + 3 * devices) })),
  ),
);

test("a device has one execution, eleven messages, and fetches each file once by its link", () => {
  const one = jobCounts(byVariable, 1, 1, 10_000);
  expect(one).toMatchObject({ jobExecutions: 1, mqttMessages: 11, serverRuns: 1, urlRequests: 1 });
  const many = jobCounts(byVariable, 1000, 12, 10_000);
  expect(many).toMatchObject({ jobExecutions: 1000, mqttMessages: 11_000, urlRequests: 12_000 });
  expect(many.replyBytes).toBe(12_000 * 10_000);
  expect(many.linkBytes).toBeGreaterThan(many.replyBytes);
});

test("a document of more than 5 KB is metered as several messages", () => {
  expect(jobCounts(byVariable, 1, 12, 1).mqttMessages).toBe(11);
  expect(jobCounts(byVariable, 1, 13, 1).mqttMessages).toBe(12);
});

test("the cloud's own part is the variable's without devices, and nothing is Notehub's", () => {
  const counts = jobCounts(byVariable, 1000, 30, 10_000);
  expect(counts).toMatchObject({ s3Writes: 67, s3Reads: 67 + 30_000, notifierRuns: 67, sqsSends: 67 });
  expect(counts).toMatchObject({ recorderRuns: 0, notehubEvents: 0, webRequests: 0 });
  expect(notehubCalls(counts)).toBe(0);
  const run = { memoryMb: 512, milliseconds: 1, logBytes: 0 };
  expect(billOf(counts, { notifier: run, server: run, recorder: run })["Notehub events"]).toBe(0);
});
