import { expect, test } from "vitest";
import { contentOf } from "../../../bench/cost/contents.ts";
import { countsOf } from "../../../bench/cost/counts.ts";
import { metricsIn } from "../../../bench/cost/metrics.ts";
import { createTally, type Tally } from "../../../bench/cost/tally.ts";
import type { InvokeResult } from "../../../local/aws/lambda/invoke-result.ts";
import type { S3Observation } from "../../../local/aws/s3/observation.ts";

function counted(feed: (tally: Tally) => void) {
  const tally = createTally();
  feed(tally);
  return Object.fromEntries(Object.entries(tally.counts()).filter(([, count]) => count !== 0));
}

const s3 = (operation: S3Observation["operation"], status = 200): S3Observation => ({
  ...{
    operation,
    status,
    bucket: "files",
    key: "a",
    principal: "root",
    requestId: "1",
    bytesIn: 0,
    bytesOut: 0,
  },
});

test("S3's requests are of two classes, refused ones too, and deletions of none", () => {
  const feed = ({ hooks: { observeS3 } }: Tally) => {
    for (const operation of ["PutObject", "CopyObject", "ListObjectVersions"] as const)
      observeS3(s3(operation));
    observeS3(s3("PutObject", 412));
    for (const operation of ["GetObject", "HeadObject"] as const) observeS3(s3(operation));
    observeS3(s3("GetObject", 404));
    observeS3(s3("DeleteObject", 204));
    observeS3(s3("PutObject", 0)); // cut off
  };
  expect(counted(feed)).toEqual({ s3Writes: 4, s3Reads: 3 });
});

const asked = (target: string, input: unknown = {}, output: unknown = {}) => ({
  ...{ principal: "role", target, input, output },
});

test("SQS's batches count by how full they are, but for a message for later", () => {
  const feed = ({ hooks: { observeAws }, eventsSent }: Tally) => {
    eventsSent(3);
    observeAws(asked("AmazonSQS.SendMessage"));
    observeAws(asked("AmazonSQS.SendMessageBatch", { Entries: Array(10).fill({}) }));
    observeAws(asked("AmazonSQS.SendMessageBatch", { Entries: Array(5).fill({}) }));
    observeAws(asked("AmazonSQS.SendMessageBatch", { Entries: [{ DelaySeconds: 5 }] }));
    observeAws(asked("AmazonSQS.ChangeMessageVisibility"));
    observeAws(asked("secretsmanager.GetSecretValue"));
  };
  expect(counted(feed)).toEqual({ sqsSends: 6.5, sqsVisibility: 1 });
});

test("jobs that are made and cancelled are calls, what is asked about them is nobody's cost", () => {
  const feed = ({ hooks: { observeAws } }: Tally) => {
    for (const action of ["CreateJob", "CancelJob", "DescribeJob"]) observeAws(asked(`iot:${action}`));
  };
  expect(counted(feed)).toEqual({ jobCalls: 2 });
});

test("DynamoDB's units are those that it tells, with the indexes', and one for a write that it refuses", () => {
  const capacity = (CapacityUnits: number) => ({ ConsumedCapacity: { CapacityUnits } });
  const Item = { pk: { S: "device#1" }, sk: { S: "device" }, devicesPk: { S: "d#1" }, devicesSk: { S: "1" } };
  const feed = ({ hooks: { observeAws } }: Tally) => {
    observeAws(asked("DynamoDB_20120810.GetItem", {}, capacity(0.5)));
    observeAws(asked("DynamoDB_20120810.Query", {}, capacity(2)));
    observeAws(asked("DynamoDB_20120810.PutItem", { Item }, capacity(1))); // new in an index: one more
    observeAws(asked("DynamoDB_20120810.PutItem", { Item }, capacity(1)));
    observeAws({ ...asked("DynamoDB_20120810.PutItem", { Item }), output: undefined });
    observeAws(asked("DynamoDB_20120810.BatchWriteItem", {}, { ConsumedCapacity: [{ CapacityUnits: 2 }] }));
  };
  expect(counted(feed)).toEqual({ tableReads: 2.5, tableWrites: 6 });
});

const ok = (payload: unknown): InvokeResult => ({ kind: "ok", payload });
const ran = (id: string, event: unknown, result: InvokeResult, milliseconds = 10) => ({
  ...{ id, event, result, milliseconds, memoryMb: 512 },
});

test("a batch is one receive and one run; what it handled is deleted, what failed is not", () => {
  const Records = [{ messageId: "a" }, { messageId: "b" }, { messageId: "c" }];
  const feed = ({ hooks: { observeInvocation } }: Tally) => {
    observeInvocation(ran("FileNotifierFunction", { Records }, ok({ batchItemFailures: [] })));
    const failed = { batchItemFailures: [{ itemIdentifier: "b" }] };
    observeInvocation(ran("FileNotifierFunction", { Records }, ok(failed)));
    observeInvocation(ran("FileNotifierFunction", { Records }, { kind: "crashed", errorMessage: "" }));
  };
  expect(counted(feed)).toEqual({ notifierRuns: 3, sqsReceives: 3, sqsDeletes: 5 });
});

test("a receipt of a thing was queued by its topic rule, however often the recorder is given it", () => {
  const record = (messageId: string, receives: number) => ({
    ...{ messageId, attributes: { ApproximateReceiveCount: String(receives) } },
  });
  const feed = ({ hooks: { observeInvocation } }: Tally) => {
    const failed = { batchItemFailures: [{ itemIdentifier: "b" }] };
    const first = { Records: [record("a", 1), record("b", 1)] };
    observeInvocation(ran("DeliveryRecorderFunction", first, ok(failed)));
    observeInvocation(ran("DeliveryRecorderFunction", { Records: [record("b", 2)] }, ok(undefined)));
  };
  expect(counted(feed)).toEqual({ recorderRuns: 2, ruleRuns: 2, sqsSends: 2, sqsReceives: 2, sqsDeletes: 2 });
});

test("a function URL's request counts with the bytes of its reply", () => {
  const feed = ({ hooks: { observeInvocation } }: Tally) => {
    const body = Buffer.alloc(30).toString("base64");
    observeInvocation(ran("FileServerFunction", { rawPath: "/" }, ok({ body, isBase64Encoded: true })));
    observeInvocation(ran("DeliveryRecorderFunction", { rawPath: "/" }, ok({ body: "ü" })));
    observeInvocation(ran("AnotherFunction", { rawPath: "/" }, ok({ body: "other" })));
  };
  expect(counted(feed)).toEqual({
    serverRuns: 1,
    recorderRuns: 1,
    urlRequests: 2,
    replyBytes: 32,
  });
});

test("Notehub's calls are told apart, and events and web requests counted", () => {
  const call = (method: string, path: string) => ({
    kind: "call" as const,
    method,
    path,
    status: 200,
    milliseconds: 1,
  });
  const seen = { deviceUid: "dev:1", notefile: "file-status.qo", body: undefined };
  const feed = ({ hooks: { observeNotehub } }: Tally) => {
    observeNotehub(call("POST", "/v1/projects/app:1/devices/dev:1/notes/file-update.qi"));
    observeNotehub(call("GET", "/v1/projects/app:1/devices/dev:1/notes/file-update.qi"));
    observeNotehub(call("PUT", "/v1/projects/app:1/fleets/fleet:1/environment_variables"));
    observeNotehub({ kind: "event", ...seen });
    observeNotehub({ kind: "note", ...seen }); // a call already
    observeNotehub({ kind: "web", deviceUid: "dev:1", route: "noteferry", name: "/", result: 200, bytes: 9 });
  };
  const calls = { notehubNotes: 1, notehubOther: 1, notehubVariables: 1 };
  expect(counted(feed)).toEqual({ ...calls, notehubEvents: 1, webRequests: 1 });
});

test("runs and their logs are averaged, from when they are asked to be", () => {
  const tally = createTally();
  const { observeInvocation, onLog } = tally.hooks;
  observeInvocation(ran("FileServerFunction", { rawPath: "/" }, ok({}), 1000));
  tally.forgetProfiles();
  observeInvocation(ran("FileServerFunction", { rawPath: "/" }, ok({}), 10));
  observeInvocation(ran("FileServerFunction", { rawPath: "/" }, ok({}), 30));
  onLog("FileServerFunction", "é".repeat(20));
  onLog("agent", "no function");
  const none = { memoryMb: 0, milliseconds: 0, logBytes: 0 };
  expect(tally.profiles()).toEqual({
    ...{ notifier: none, recorder: none, server: { memoryMb: 512, milliseconds: 20, logBytes: 20 } },
  });
  expect(tally.counts()).toEqual({ ...countsOf(() => 0), serverRuns: 3, urlRequests: 3 });
});

test("a metric is one for each name with each set of dimensions and their values", () => {
  const CloudWatchMetrics = [
    { Namespace: "Noteferry", Dimensions: [["service"]], Metrics: [{ Name: "A" }, { Name: "B" }] },
  ];
  const line = (service: string) => JSON.stringify({ _aws: { CloudWatchMetrics }, service, A: 1, B: 1 });
  const tally = createTally();
  for (const service of ["one", "one", "two"]) tally.hooks.onLog("FileNotifierFunction", line(service));
  tally.hooks.onLog("FileNotifierFunction", 'broken "_aws"');
  expect(tally.metrics()).toBe(4);
  expect(metricsIn(line("one"))).toEqual(["Noteferry A service=one", "Noteferry B service=one"]);
  expect(metricsIn('{"_aws":{}}')).toEqual([]);
});

test("versions of a file differ in a line, and files from each other", () => {
  const lines = (name: string, version: number) => contentOf(name, version).toString().split("\n");
  const [before, after] = [lines("a", 3), lines("a", 4)];
  expect(before.filter((line, at) => line !== after[at])).toHaveLength(1);
  expect(contentOf("a", 0)).not.toEqual(contentOf("b", 0));
});
