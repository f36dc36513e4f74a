import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { LoopbackServer } from "../../host/loopback/loopback-server.ts";
import { readAtMost } from "../../host/loopback/read-at-most.ts";
import type { Authorize } from "../iam/authorize.ts";
import type { FindCredential } from "../sigv4/credential.ts";
import { AwsError } from "./aws-error.ts";
import { dispatch } from "./dispatch.ts";
import type { AnsweredRequest, Operations } from "./operation.ts";

/** A message of 1 MiB, which is the most SQS takes, may double in size as a JSON string. */
const MAX_BODY_BYTES = 2 * 1024 * 1024 + 65_536;

const UNPROCESSED = new AwsError("com.amazon.coral.service#InternalFailure", "internal failure", {
  status: 500,
});

/**
 * One endpoint for every service that speaks AWS JSON; `X-Amz-Target` tells them apart. Requests are authenticated
 * by their signature and authorised for the operation's action and resource.
 *
 * https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 */
export function serveAwsJson(options: {
  /** Its URL is what AWS_ENDPOINT_URL_SQS takes. */
  server: LoopbackServer;
  /** Default us-east-1. */
  region?: string;
  findCredential: FindCredential;
  authorize: Authorize;
  operations: Operations;
  /** Gets every request that was authenticated and allowed. */
  observe?: ((answered: AnsweredRequest) => void) | undefined;
  /** Answers whatever has another path than `/`: services that speak REST. */
  rest?: RequestListener | undefined;
  /** Gets the faults inside, of which the caller is told nothing. */
  onFault?: (error: unknown) => void;
}): void {
  const services = { ...options, region: options.region ?? "us-east-1" };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    try {
      const body = await readBody(request);
      const output = await dispatch(request, body, services, gone.signal);
      send(request, response, 200, output ?? {});
    } catch (error) {
      if (!(error instanceof AwsError) && !gone.signal.aborted) options.onFault?.(error);
      sendError(request, response, error instanceof AwsError ? error : UNPROCESSED);
    }
  };
  const { rest } = options;
  options.server.serve((request, response) => {
    if (rest === undefined || request.url === "/") void serve(request, response);
    else rest(request, response);
  });
}

/** @throws {AwsError} for a body that is too long. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const body = await readAtMost(MAX_BODY_BYTES, request);
  if (body !== undefined) return body;
  const type = "com.amazon.coral.service#RequestEntityTooLargeException";
  throw new AwsError(type, "the request is too large", { status: 413 });
}

function sendError(request: IncomingMessage, response: ServerResponse, error: AwsError): void {
  if (error.queryCode !== undefined) {
    response.setHeader(
      "x-amzn-query-error",
      `${error.queryCode};${error.status < 500 ? "Sender" : "Receiver"}`,
    );
  }
  send(request, response, error.status, { __type: error.type, message: error.message });
}

function send(request: IncomingMessage, response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  const version = request.headers["content-type"] === "application/x-amz-json-1.1" ? "1.1" : "1.0";
  response.writeHead(status, {
    "Content-Type": `application/x-amz-json-${version}`,
    "Content-Length": Buffer.byteLength(text),
    "x-amzn-RequestId": randomUUID(),
  });
  response.end(text);
}
