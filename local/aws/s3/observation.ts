import type { OperationName } from "./operations/choose-operation.ts";
import type { S3ErrorCode } from "./s3-error.ts";

/** A request that is about to be carried out; `principal` is empty for a form, whose fields are not read yet. */
export type S3Operation = {
  operation: OperationName;
  /** Empty where the operation has none. */
  bucket: string;
  key: string;
  versionId?: string | undefined;
  principal: string;
  /** The `Range` header. */
  range?: string | undefined;
};

/**
 * What a test can make of a request: an error instead of the operation; the connection cut before the operation, or
 * after it, when everything is stored and only the reply is lost.
 */
export type S3Fault = { fail: S3ErrorCode } | { drop: "request" | "reply" };

/** A request that was answered. `operation` is `Unknown` where the request line already is wrong. */
export type S3Observation = Omit<S3Operation, "operation"> & {
  operation: OperationName | "Preflight" | "Unknown";
  requestId: string;
  /** 0 where the connection was cut instead of a reply. */
  status: number;
  /** Payload bytes received, without framing. */
  bytesIn: number;
  /** Bytes of body sent. */
  bytesOut: number;
};
