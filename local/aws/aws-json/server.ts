import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { listenOnLoopback } from "../../host/loopback/listen-on-loopback.ts";
import type { Authorize } from "../iam/authorize.ts";
import type { FindCredential } from "../sigv4/credential.ts";
import { AwsError } from "./aws-error.ts";
import { dispatch } from "./dispatch.ts";
import type { Operations } from "./operation.ts";
import { readBody } from "./read-body.ts";

const KEEP_ALIVE_MS = 65_000;
const UNPROCESSED = new AwsError("com.amazon.coral.service#InternalFailure", "internal failure", {
  status: 500,
});

export type AwsJsonServer = {
  /** Origin, without a trailing slash: what AWS_ENDPOINT_URL_SQS takes. */
  url: string;
  port: number;
  close(): Promise<void>;
};

/**
 * One endpoint for every service that speaks AWS JSON; `X-Amz-Target` tells them apart. Requests are authenticated
 * by their signature and authorised for the operation's action and resource.
 *
 * https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 */
export async function startAwsJson(options: {
  tls: { key: string; cert: string };
  port?: number;
  /** Default us-east-1. */
  region?: string;
  findCredential: FindCredential;
  authorize: Authorize;
  operations: Operations;
  /** Gets what went wrong inside; the caller is told nothing of it. */
  onFault?: (error: unknown) => void;
}): Promise<AwsJsonServer> {
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
  const server = createServer(
    { key: options.tls.key, cert: options.tls.cert, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => void serve(request, response),
  );
  const port = await listenOnLoopback(server, options.port ?? 0);
  return {
    url: `https://localhost:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
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
