import type { Counts } from "./counts.ts";
import { PRICES } from "./prices.ts";

/** What runs of a function take on average, apart from requests. */
export type RunProfile = { memoryMb: number; milliseconds: number; logBytes: number };
export type Profiles = { notifier: RunProfile; server: RunProfile; recorder: RunProfile };

/** What there is in every month, whether anything is updated or not. */
export type Standing = {
  secrets: number;
  alarms: number;
  metrics: number;
  /** Queues that a function takes from. */
  polled: number;
  connectedDevices: number;
};

/** Dollars, by what they are for. */
export type Bill = Readonly<Record<string, number>>;

/** START, END and REPORT, which Lambda writes of each run, and 26 bytes that CloudWatch counts with each line. An assumption. */
const PLATFORM_LOG_BYTES = 400;

/** Of each month: 365 days by 12. */
const MINUTES = (365 / 12) * 24 * 60;

/**
 * Receives of one queue that find nothing: five pollers that wait 20 s each, as Lambda's documentation has it for a mapping without messages.
 * An assumption: neither is promised.
 */
export const IDLE_RECEIVES = 5 * 3 * MINUTES;

/** A thing asks for its next job when it has heard of none for 45 to 60 minutes [NF-13.7]: what it publishes, the answer and its PUBACK. Reckoned: no run lasts so long. */
const ASKED_EVERY_MINUTES = 52.5;
const MESSAGES_OF_AN_ASK = 3;

/** What an update costs at list prices. */
export function billOf(counts: Counts, { notifier, server, recorder }: Profiles): Bill {
  const runs = [
    { count: counts.notifierRuns, ...notifier },
    { count: counts.serverRuns, ...server },
    { count: counts.recorderRuns, ...recorder },
  ];
  const sum = (of: (run: (typeof runs)[number]) => number) =>
    runs.reduce((all, run) => all + run.count * of(run), 0);
  const sqs = counts.sqsSends + counts.sqsReceives + counts.sqsDeletes + counts.sqsVisibility;
  return {
    "S3 requests": counts.s3Writes * PRICES.s3Write.dollars + counts.s3Reads * PRICES.s3Read.dollars,
    "SQS requests": sqs * PRICES.sqs.dollars,
    "Lambda requests": sum(() => PRICES.lambdaRun.dollars),
    "Lambda time (estimate)": sum(
      ({ memoryMb, milliseconds }) => (memoryMb / 1024) * (milliseconds / 1000) * PRICES.lambdaTime.dollars,
    ),
    "DynamoDB units":
      counts.tableReads * PRICES.tableRead.dollars + counts.tableWrites * PRICES.tableWrite.dollars,
    "CloudWatch logs (estimate)": sum(
      ({ logBytes }) => (logBytes + PLATFORM_LOG_BYTES) * PRICES.logs.dollars,
    ),
    "bytes out of AWS": counts.replyBytes * PRICES.bytesOut.dollars,
    "Notehub events": counts.notehubEvents * PRICES.notehubEvent.dollars,
    "AWS IoT Jobs": counts.jobExecutions * PRICES.jobExecution.dollars,
    "AWS IoT messages": counts.mqttMessages * PRICES.mqttMessage.dollars,
    "AWS IoT rules": counts.ruleRuns * PRICES.ruleRun.dollars,
  };
}

/** What a month costs in which nothing is updated. */
export function standingBill({ secrets, alarms, metrics, polled, connectedDevices }: Standing): Bill {
  return {
    secrets: secrets * PRICES.secret.dollars,
    alarms: alarms * PRICES.alarm.dollars,
    "custom metrics": metrics * PRICES.metric.dollars,
    "idle receives (assumption)": polled * IDLE_RECEIVES * PRICES.sqs.dollars,
    "connected devices": connectedDevices * MINUTES * PRICES.connectedMinute.dollars,
    "asking for jobs (reckoned)":
      connectedDevices * (MINUTES / ASKED_EVERY_MINUTES) * MESSAGES_OF_AN_ASK * PRICES.mqttMessage.dollars,
  };
}

export function totalOf(bill: Bill): number {
  return Object.values(bill).reduce((sum, dollars) => sum + dollars, 0);
}

/** What so many updates cost in a month, without the events that Notehub gives away in each. */
export function monthOf(bill: Bill, counts: Counts, updates: number): number {
  const free = Math.min(counts.notehubEvents * updates, PRICES.notehubEvent.free);
  return totalOf(bill) * updates - free * PRICES.notehubEvent.dollars;
}
