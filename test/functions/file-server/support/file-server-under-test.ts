import type { FunctionUrlReply } from "../../../../functions/file-server/function-url/reply.ts";
import { createFileServer } from "../../../../functions/file-server/main.ts";
import { type EventOptions, functionUrlEvent } from "../../../support/function-url-event.ts";
import { lambdaContext } from "../../../support/lambda-context.ts";
import { type AwsStandIn, BUCKET, startAwsStandIn } from "./aws-stand-in.ts";

export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  AWS_SESSION_TOKEN: "session-token-of-the-role",
};

/** The whole function, wired as deployed, with a server of ours in AWS's place. */
export type FileServerUnderTest = {
  aws: AwsStandIn;
  /** As when the environment starts, which is not done here by itself. */
  warmUp(): void;
  /** Calls the function; `token: ""` sends no Authorization header. */
  call(request: EventOptions & { token?: string; remainingMs?: number }): Promise<FunctionUrlReply>;
  close(): Promise<void>;
};

/** Logs nothing unless told to, so that a test's output is the test's. */
export async function startFileServer(logLevel = "SILENT"): Promise<FileServerUnderTest> {
  process.env.POWERTOOLS_LOG_LEVEL = logLevel;
  const aws = await startAwsStandIn();
  const { handler, warmUp } = createFileServer({
    ...CREDENTIALS,
    AWS_REGION: "eu-west-1",
    FILES_BUCKET: BUCKET,
    PACKED_BUCKET: "packed-bucket",
    TOKEN_SECRET_ARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:tokens",
    LINK_SECRET_ARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:links",
    AWS_ENDPOINT_URL_S3: aws.origin,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.origin,
  });
  return {
    aws,
    warmUp,
    call({ token = "current-token", remainingMs = 10_000, ...request }) {
      const authorization: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
      const event = functionUrlEvent({ ...request, headers: { ...authorization, ...request.headers } });
      return handler(event, lambdaContext(remainingMs));
    },
    close: () => aws.close(),
  };
}

/** The reply's head as HTTP/1.1 would carry it, with what a function URL adds. */
export function headOf(reply: FunctionUrlReply): string {
  const added = {
    Date: "Sat, 21 Nov 2026 04:20:00 GMT",
    "x-amzn-RequestId": "3b6b4f6c-5f0e-4a75-9d0b-6c1f3f1f0a11",
    "X-Amzn-Trace-Id":
      "Root=1-65a1b2c3-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0;Lineage=1:abcdef01:0",
    Connection: "keep-alive",
  };
  const lines = Object.entries({ ...added, ...reply.headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `HTTP/1.1 ${reply.statusCode} Service Unavailable\r\n${lines.join("")}\r\n`;
}

export function bytesOf(reply: FunctionUrlReply): Buffer {
  return Buffer.from(reply.body, reply.isBase64Encoded ? "base64" : "utf8");
}
