import type { S3Fault, S3Observation, S3Operation } from "../aws/s3/observation.ts";
import type { StackEvent } from "../progress/stack-event.ts";

/** What may watch or disturb the local S3. */
export type S3Hooks = {
  observeS3?: ((observation: S3Observation) => void) | undefined;
  s3Fault?: ((operation: S3Operation) => S3Fault | undefined) | undefined;
  /** Called in place of `send`, which puts an event into its queue, and may be called late, twice or never. */
  deliverS3?: ((send: () => Promise<void>) => Promise<void>) | undefined;
  onEvent?: (event: StackEvent) => void;
};

/** Operations that end with a new version in the bucket. */
const UPLOADS = ["PutObject", "PostObject", "CopyObject", "CompleteMultipartUpload"];

/** Statuses of an upload that succeeded: a form may ask for each. A connection that was cut has status 0. */
const SUCCESSES = [200, 201, 204, 303];

/**
 * Passes S3's observations on, and tells of uploads to the files bucket.
 *
 * @param sizeOf bytes of what a key holds: a request in parts, or one to copy, has not the file in it
 */
export function uploadsOf(
  filesBucket: string,
  hooks: S3Hooks,
  sizeOf: (key: string) => number | undefined,
): (observation: S3Observation) => void {
  return (observation) => {
    hooks.observeS3?.(observation);
    const { bucket, key, operation, status } = observation;
    if (bucket !== filesBucket || !UPLOADS.includes(operation) || !SUCCESSES.includes(status)) return;
    hooks.onEvent?.({ step: "uploaded", key, bytes: sizeOf(key) });
  };
}
