import type { IncomingMessage } from "node:http";
import { AwsError } from "./aws-error.ts";

/** A message of 1 MiB, which is the most SQS takes, may double in size as a JSON string. */
const MAX_BODY_BYTES = 2 * 1024 * 1024 + 65_536;

/**
 * Reads to the end even what is too long, since a client that is still sending might never see an early reply.
 *
 * @throws {AwsError}
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (length > MAX_BODY_BYTES) {
    throw new AwsError(
      "com.amazon.coral.service#RequestEntityTooLargeException",
      "the request is too large",
      {
        status: 413,
      },
    );
  }
  return Buffer.concat(chunks);
}
