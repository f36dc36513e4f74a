import type { IncomingMessage } from "node:http";
import { readAtMost } from "../../host/loopback/read-at-most.ts";
import { AwsError } from "./aws-error.ts";

/** A message of 1 MiB, which is the most SQS takes, may double in size as a JSON string. */
const MAX_BODY_BYTES = 2 * 1024 * 1024 + 65_536;

/** @throws {AwsError} for a body that is too long. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const body = await readAtMost(MAX_BODY_BYTES, request);
  if (body !== undefined) return body;
  const type = "com.amazon.coral.service#RequestEntityTooLargeException";
  throw new AwsError(type, "the request is too large", { status: 413 });
}
