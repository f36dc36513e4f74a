import { type Counts, countsOf } from "./counts.ts";
import { type Fit, predict } from "./fit.ts";

/**
 * What an update takes by AWS IoT Jobs [NF-13.2]. Nothing of it is measured; it is reckoned for a client that fetches each file whole by its signed link [NF-12.1]
 * in one request: one job for all that changed within one quiet time, one execution a device, nothing by Notehub. Of what the variable takes, the cloud's own part
 * is the same but for its call. Our own agent fetches what changed, as behind a Notecard, and sends a receipt more. Receipts are not counted.
 */
export const BY_CONTRACT = "by contract, not measured";

/** AWS meters messages by so many bytes. https://aws.amazon.com/iot-core/pricing/additional-details/ */
const MESSAGE_BYTES = 5 * 1024;

/** Of a file in a job's document: path, size, SHA-256, and host, path and query of its link [NF-12.6]. */
const DOCUMENT_BYTES_PER_FILE = 400;

/** The head of a request and of its reply, and TLS records around both. */
const HTTP_BYTES = 900;

/** A TLS handshake for all downloads of an update, both ways. */
const HANDSHAKE_BYTES = 6_000;

/**
 * Messages of a client that is connected, in the order in which AWS's and Nordic's send them, QoS 1. AWS meters a device's PUBACK and
 * SUBSCRIBE as messages, and its own SUBACK and PUBACK not.
 */
const MESSAGES: readonly { what: string; count: number; hasDocument?: true }[] = [
  { what: "notify-next: the job has come", count: 1, hasDocument: true },
  { what: "SUBSCRIBE to jobs/ID/update/#", count: 1 },
  { what: "update to IN_PROGRESS, and its accepted", count: 2 },
  { what: "update to SUCCEEDED, and its accepted", count: 2 },
  { what: "notify-next: nothing more", count: 1 },
  { what: "PUBACK of each of the four that came", count: 4 },
];

/** Of a message without a document: its topic and a small JSON object, TLS and TCP. */
const SMALL_MESSAGE_BYTES = 300;

/** @param byVariable the fit of what the variable takes */
export function jobCounts(byVariable: Fit, devices: number, files: number, fileBytes: number): Counts {
  const cloud = predict(byVariable, 0, files);
  const document = files * DOCUMENT_BYTES_PER_FILE;
  const metered = MESSAGES.reduce(
    (sum, { count, hasDocument }) =>
      sum + count * (hasDocument ? Math.max(1, Math.ceil(document / MESSAGE_BYTES)) : 1),
    0,
  );
  const sent = MESSAGES.reduce((sum, { count }) => sum + count, 0);
  const fetched = devices * files;
  const none = countsOf(() => 0);
  return {
    ...cloud,
    s3Reads: cloud.s3Reads + fetched,
    serverRuns: fetched,
    urlRequests: fetched,
    recorderRuns: none.recorderRuns,
    notehubNotes: none.notehubNotes,
    notehubVariables: none.notehubVariables,
    notehubOther: none.notehubOther,
    notehubEvents: none.notehubEvents,
    webRequests: none.webRequests,
    jobExecutions: devices,
    mqttMessages: devices * metered,
    replyBytes: fetched * fileBytes,
    linkBytes:
      devices * (HANDSHAKE_BYTES + document + sent * SMALL_MESSAGE_BYTES + files * (fileBytes + HTTP_BYTES)),
  };
}
