import type { S3TestEvent } from "./event.ts";

/**
 * What S3 sends to find out whether it may.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 *
 * @param time milliseconds since 1970.
 */
export function testEvent(bucket: string, time: number, requestId: string): S3TestEvent {
  return {
    Service: "Amazon S3",
    Event: "s3:TestEvent",
    Time: new Date(time).toISOString(),
    Bucket: bucket,
    RequestId: requestId,
    HostId: requestId,
  };
}

/** True for queues and topics: of a function S3 only asks whether it may call it. */
export function getsTestEvent(targetArn: string): boolean {
  return /^arn:[^:]*:(?:sqs|sns):/.test(targetArn);
}
