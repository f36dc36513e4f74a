import { S3ServiceException } from "@aws-sdk/client-s3";

/** Whether S3 answered with one of these statuses. A missing bucket is no missing object, and never meant. */
export function isFailure(error: unknown, statuses: readonly number[]): error is S3ServiceException {
  if (!(error instanceof S3ServiceException) || error.name === "NoSuchBucket") return false;
  return statuses.includes(error.$metadata.httpStatusCode ?? 0);
}
