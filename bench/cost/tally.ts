import type { AnsweredRequest } from "../../local/aws/aws-json/operation.ts";
import { readBatchResponse } from "../../local/aws/lambda/sqs-event.ts";
import type { S3Observation } from "../../local/aws/s3/observation.ts";
import type { NotehubEvent } from "../../local/blues/notehub/options.ts";
import type { Invocation } from "../../local/stack/start-functions.ts";
import type { StackHooks } from "../../local/stack/start-stack.ts";
import { createIndexBill } from "../dynamodb-index-bill.ts";
import type { Profiles, RunProfile } from "./bill.ts";
import { type Counter, type Counts, countsOf } from "./counts.ts";
import { metricsIn } from "./metrics.ts";

type Watching = "observeS3" | "observeAws" | "observeInvocation" | "observeNotehub" | "onLog";

/** Counts what a stack does, as AWS and Notehub would bill it. */
export type Tally = {
  hooks: { [Name in Watching]: NonNullable<StackHooks[Name]> };
  /** S3 has put so many events into the queue. */
  eventsSent(count: number): void;
  /** Since the start, but for bytes on links. */
  counts(): Counts;
  /** Averages since `forgetProfiles`. */
  profiles(): Profiles;
  forgetProfiles(): void;
  /** Metrics that the functions have published so far, each with its dimensions. */
  metrics(): number;
};

const FUNCTIONS = {
  FileNotifierFunction: { counter: "notifierRuns", profile: "notifier" },
  FileServerFunction: { counter: "serverRuns", profile: "server" },
  DeliveryRecorderFunction: { counter: "recorderRuns", profile: "recorder" },
} as const satisfies Record<string, { counter: Counter; profile: keyof Profiles }>;

/** Messages of one `SendMessageBatch`. */
const BATCH = 10;

type Runs = { count: number; memoryMb: number; milliseconds: number; logBytes: number };

export function createTally(): Tally {
  const counts = countsOf(() => 0);
  const indexes = createIndexBill();
  const published = new Set<string>();
  const noRuns = (): Runs => ({ count: 0, memoryMb: 0, milliseconds: 0, logBytes: 0 });
  const none = () => ({ notifier: noRuns(), server: noRuns(), recorder: noRuns() });
  let runs = none();

  function observeS3({ operation, status }: S3Observation): void {
    if (status === 0 || operation.startsWith("Delete")) return; // S3 bills no deletion
    counts[/^(?:Get|Head)/.test(operation) ? "s3Reads" : "s3Writes"] += 1;
  }

  function observeAws({ target, input, output }: AnsweredRequest): void {
    const [service = "", operation = ""] = target.split(".");
    if (target === "iot:CreateJob" || target === "iot:CancelJob") counts.jobCalls += 1;
    if (operation === "SendMessage") counts.sqsSends += 1;
    if (operation === "SendMessageBatch") counts.sqsSends += requestsFor(Object(input).Entries);
    if (operation === "ChangeMessageVisibility") counts.sqsVisibility += 1;
    if (!service.startsWith("DynamoDB")) return;
    const writes = /Put|Write|Update|Delete/.test(operation);
    // A write whose condition does not hold is billed as well, and its refusal tells no units.
    counts[writes ? "tableWrites" : "tableReads"] += output === undefined ? 1 : unitsIn(output);
    if (operation === "PutItem" && output !== undefined)
      counts.tableWrites += indexes.unitsFor(Object(input).Item);
  }

  function observeInvocation({ id, memoryMb, event, result, milliseconds }: Invocation): void {
    if (!isOurs(id)) return;
    const { counter, profile } = FUNCTIONS[id];
    counts[counter] += 1;
    const run = runs[profile];
    run.count += 1;
    run.memoryMb = memoryMb;
    run.milliseconds += milliseconds;
    const payload = result.kind === "ok" ? result.payload : undefined;
    const records: unknown = Object(event).Records;
    if (!Array.isArray(records)) {
      counts.urlRequests += 1;
      counts.replyBytes += bodyBytes(payload);
      return;
    }
    counts.sqsReceives += 1;
    if (id === "DeliveryRecorderFunction") {
      // The topic rule queued each, once.
      const queued = records.filter(({ attributes }) => Object(attributes).ApproximateReceiveCount === "1");
      counts.ruleRuns += queued.length;
      counts.sqsSends += queued.length;
    }
    const ids = new Set(records.map(({ messageId }) => String(messageId)));
    const failed = result.kind === "ok" ? readBatchResponse(payload, ids) : undefined;
    counts.sqsDeletes += failed === undefined ? 0 : records.length - failed.size;
  }

  function observeNotehub(event: NotehubEvent): void {
    if (event.kind === "event") counts.notehubEvents += 1;
    if (event.kind === "web") counts.webRequests += 1;
    if (event.kind !== "call") return;
    const isNote = event.method === "POST" && event.path.includes("/notes/");
    const isVariable = event.path.includes("/environment_variables");
    counts[isNote ? "notehubNotes" : isVariable ? "notehubVariables" : "notehubOther"] += 1;
  }

  function onLog(source: string, line: string): void {
    if (!isOurs(source)) return;
    runs[FUNCTIONS[source].profile].logBytes += Buffer.byteLength(line);
    for (const metric of metricsIn(line)) published.add(metric);
  }

  return {
    hooks: { observeS3, observeAws, observeInvocation, observeNotehub, onLog },
    eventsSent: (count) => {
      counts.sqsSends += count;
    },
    counts: () => ({ ...counts }),
    profiles: () => ({
      notifier: averageOf(runs.notifier),
      server: averageOf(runs.server),
      recorder: averageOf(runs.recorder),
    }),
    forgetProfiles: () => {
      runs = none();
    },
    metrics: () => published.size,
  };
}

/** A batch counts by how full it is, since those to many devices are full; a message that is for later is alone in its. */
function requestsFor(entries: readonly { DelaySeconds?: number }[]): number {
  return entries.some(({ DelaySeconds }) => DelaySeconds !== undefined) ? 1 : entries.length / BATCH;
}

function isOurs(id: string): id is keyof typeof FUNCTIONS {
  return Object.hasOwn(FUNCTIONS, id);
}

function averageOf({ count, memoryMb, milliseconds, logBytes }: Runs): RunProfile {
  const each = (sum: number) => (count === 0 ? 0 : sum / count);
  return { memoryMb, milliseconds: each(milliseconds), logBytes: each(logBytes) };
}

function unitsIn(output: unknown): number {
  const told: { CapacityUnits?: number }[] = [Object(output).ConsumedCapacity ?? []].flat();
  return told.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}

/** Of a function URL's reply. */
function bodyBytes(payload: unknown): number {
  const { body, isBase64Encoded } = Object(payload);
  return typeof body === "string" ? Buffer.byteLength(body, isBase64Encoded ? "base64" : "utf8") : 0;
}
