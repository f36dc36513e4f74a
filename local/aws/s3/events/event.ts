/**
 * A record as S3 sends it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export type S3EventRecord = {
  /** 2.3 where a lifecycle rule is the cause. */
  eventVersion: "2.1" | "2.3";
  eventSource: "aws:s3";
  awsRegion: string;
  eventTime: string;
  /** Without the `s3:` that notifications filter by. */
  eventName: EventName;
  userIdentity: { principalId: string };
  requestParameters: { sourceIPAddress: string };
  responseElements: { "x-amz-request-id": string; "x-amz-id-2": string };
  s3: {
    s3SchemaVersion: "1.0";
    configurationId: string;
    bucket: { name: string; ownerIdentity: { principalId: string }; arn: string };
    object: {
      /** URL-encoded, with `+` for a space. */
      key: string;
      size: number | undefined;
      eTag: string | undefined;
      versionId: string | undefined;
      /** Hex; compare only within one key. */
      sequencer: string;
    };
  };
};

export type S3Event = { Records: S3EventRecord[] };

/** Sent once to a queue or topic that a bucket's notifications name. */
export type S3TestEvent = {
  Service: "Amazon S3";
  Event: "s3:TestEvent";
  Time: string;
  Bucket: string;
  RequestId: string;
  HostId: string;
};

/** Of the events that S3 has, those that can happen here. */
export const EVENT_NAMES = [
  "ObjectCreated:Put",
  "ObjectCreated:Post",
  "ObjectCreated:Copy",
  "ObjectCreated:CompleteMultipartUpload",
  "ObjectRemoved:Delete",
  "ObjectRemoved:DeleteMarkerCreated",
  "LifecycleExpiration:Delete",
  "LifecycleExpiration:DeleteMarkerCreated",
] as const;
export type EventName = (typeof EVENT_NAMES)[number];
