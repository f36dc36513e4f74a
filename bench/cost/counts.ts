/** What is counted of an update, in the order in which it is shown. All but the bytes are requests, units or messages. */
export const COUNTERS = {
  s3Writes: "S3 PUT, COPY, POST and LIST",
  s3Reads: "S3 GET and HEAD",
  sqsSends: "SQS sends",
  sqsReceives: "SQS receives with messages",
  sqsDeletes: "SQS deletes",
  sqsVisibility: "SQS visibility changes",
  notifierRuns: "Lambda file-notifier",
  serverRuns: "Lambda file-server",
  recorderRuns: "Lambda delivery-recorder",
  urlRequests: "function URL requests",
  tableReads: "DynamoDB read units",
  tableWrites: "DynamoDB write units",
  notehubNotes: "Notehub API: Notes",
  notehubVariables: "Notehub API: variables",
  notehubOther: "Notehub API: fleets and others",
  notehubEvents: "Notehub events (receipts)",
  webRequests: "web requests by Notehub's route",
  jobCalls: "AWS IoT API: CreateJob and CancelJob",
  jobExecutions: "AWS IoT job executions",
  mqttMessages: "AWS IoT messages of 5 KB",
  ruleRuns: "AWS IoT topic rules with a queue",
  replyBytes: "bytes out of AWS",
  linkBytes: "bytes on all links",
} as const;

export type Counter = keyof typeof COUNTERS;
export type Counts = Readonly<Record<Counter, number>>;

// The keys of the table above: Object.keys tells them as any text.
export const COUNTER_NAMES = Object.keys(COUNTERS) as Counter[];

/** @param value of each counter */
export function countsOf(value: (counter: Counter) => number): Record<Counter, number> {
  const counts: Partial<Record<Counter, number>> = {};
  for (const name of COUNTER_NAMES) counts[name] = value(name);
  return counts as Record<Counter, number>;
}

export function difference(after: Counts, before: Counts): Counts {
  return countsOf((name) => after[name] - before[name]);
}

/** Calls to Notehub's API, which its plans bound. */
export function notehubCalls(counts: Counts): number {
  return counts.notehubNotes + counts.notehubVariables + counts.notehubOther;
}
