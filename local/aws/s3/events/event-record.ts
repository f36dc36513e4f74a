import { formEncodeKey } from "../key-encoding.ts";
import type { Bucket } from "../store/buckets.ts";
import type { EventName, S3EventRecord } from "./event.ts";

/** Who caused an event. */
export type EventOrigin = { requestId: string; principalId: string; remoteAddress: string };

/**
 * What it happened to. `versionId` is in the event only for buckets with versioning, `size` and `etag` only for what
 * was created.
 */
export type EventSubject = {
  key: string;
  sequence: number;
  versionId: string;
  created?: { size: number; etag: string };
};

export function eventRecord(
  name: EventName,
  { region, time, bucket }: { region: string; time: number; bucket: Bucket },
  subject: EventSubject,
  origin: EventOrigin,
): S3EventRecord {
  return {
    eventVersion: name.startsWith("Lifecycle") ? "2.3" : "2.1",
    eventSource: "aws:s3",
    awsRegion: region,
    eventTime: new Date(time).toISOString(),
    eventName: name,
    userIdentity: { principalId: origin.principalId },
    requestParameters: { sourceIPAddress: origin.remoteAddress },
    responseElements: { "x-amz-request-id": origin.requestId, "x-amz-id-2": origin.requestId },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId: "",
      bucket: {
        name: bucket.name,
        ownerIdentity: { principalId: "LOCAL" },
        arn: `arn:aws:s3:::${bucket.name}`,
      },
      object: {
        key: formEncodeKey(subject.key),
        size: subject.created?.size,
        eTag: subject.created?.etag,
        versionId: bucket.versioning === "" ? undefined : subject.versionId,
        sequencer: formatSequencer(subject.sequence),
      },
    },
  };
}

/** All of one length, so that lexicographic order is numeric order. */
export function formatSequencer(sequence: number): string {
  return sequence.toString(16).toUpperCase().padStart(18, "0");
}
