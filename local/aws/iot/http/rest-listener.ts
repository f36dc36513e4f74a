import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { readAtMost } from "../../../host/loopback/read-at-most.ts";
import { authenticate } from "../../aws-json/authenticate.ts";
import { AwsError } from "../../aws-json/aws-error.ts";
import type { AnsweredRequest } from "../../aws-json/operation.ts";
import type { Authorize } from "../../iam/authorize.ts";
import type { FindCredential } from "../../sigv4/credential.ts";
import type { FaultsInForce } from "../faults.ts";
import { IotError } from "../iot-error.ts";
import type { IotServices } from "./operation.ts";
import { toRestError } from "./rest-error.ts";
import { findRoute, type IotService } from "./routes.ts";

/** A document of 32 KiB may double in size as a JSON string. */
const MAX_BODY_BYTES = 256 * 1024;

/**
 * AWS IoT's control plane and the data plane of Jobs, in REST with JSON. Requests are authenticated by their signature, which also tells
 * which of the two is meant, and authorised for the action on each resource.
 *
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
export function createRestListener(options: {
  services: IotServices;
  region: string;
  findCredential: FindCredential;
  authorize: Authorize;
  faults: FaultsInForce;
  /** Gets every request that was authenticated and allowed. */
  observe?: ((answered: AnsweredRequest) => void) | undefined;
  /** After each request, whatever came of it. */
  afterwards: () => void;
  /** Gets the faults inside, of which the caller is told nothing. */
  onFault?: ((error: unknown) => void) | undefined;
}): RequestListener {
  return (request, response) => {
    const service = serviceOf(request);
    answer(request, service)
      .then((output) => (output === "lost" ? request.socket.destroy() : send(response, 200, output ?? {})))
      .catch((error: unknown) => {
        const told = toRestError(error, service);
        if (told === undefined) options.onFault?.(error);
        const { status, type, body } = told ?? { status: 500, type: "InternalFailureException", body: {} };
        response.setHeader("x-amzn-ErrorType", type);
        send(response, status, body);
      })
      .catch(() => request.socket.destroy())
      .finally(() => options.afterwards());
  };

  async function answer(request: IncomingMessage, service: IotService): Promise<unknown> {
    const bytes = await readAtMost(MAX_BODY_BYTES, request);
    if (bytes === undefined) {
      throw new AwsError("RequestEntityTooLargeException", "the request is too large", { status: 413 });
    }
    const { principal } = authenticate(request, bytes, { ...options, service });
    const [rawPath = "", ...rawQuery] = (request.url ?? "").split("?");
    const route = findRoute(service, request.method ?? "", rawPath);
    if (route === undefined) {
      const sentence = `${service} does not answer ${request.method} ${rawPath} here`;
      throw new AwsError("UnknownOperationException", sentence, { status: 404 });
    }
    const { operation, params } = route;
    const query = new URLSearchParams(rawQuery.join("?"));
    const call = { services: options.services, params, query, body: readJson(bytes) };
    for (const resource of operation.resources(call)) {
      if (options.authorize({ principal, action: operation.action, resource, context: SECURE })) continue;
      const sentence = `User: ${principal} is not authorized to perform: ${operation.action} on resource: ${resource}`;
      throw new AwsError("AccessDeniedException", sentence, { status: 403 });
    }
    const lost = options.faults.meet(operation.action);
    const answered = { principal, target: operation.action, input: call.body };
    let output: unknown;
    try {
      output = operation.run(call);
    } finally {
      options.observe?.({ ...answered, output });
    }
    return lost ? "lost" : output;
  }
}

const SECURE = { "aws:SecureTransport": "true" };

/** Of the credential's scope; that it is what was signed is checked later. */
function serviceOf({ headers }: IncomingMessage): IotService {
  return /\/iot-jobs-data\/aws4_request\b/.test(headers.authorization ?? "") ? "iot-jobs-data" : "iot";
}

/** @throws {IotError} */
function readJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new IotError("InvalidRequest", "the body is not JSON");
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
    "x-amzn-RequestId": randomUUID(),
  });
  response.end(text);
}
