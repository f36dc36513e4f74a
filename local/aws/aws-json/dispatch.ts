import type { IncomingMessage } from "node:http";
import type { Authorize } from "../iam/authorize.ts";
import type { FindCredential } from "../sigv4/credential.ts";
import { authenticate } from "./authenticate.ts";
import { AwsError } from "./aws-error.ts";
import type { AnsweredRequest, Operation, Operations } from "./operation.ts";

/**
 * Runs the operation that a request asks for, if its caller may.
 *
 * @throws {AwsError} for everything that is the caller's fault.
 */
export async function dispatch(
  request: IncomingMessage,
  body: Buffer,
  services: {
    region: string;
    findCredential: FindCredential;
    authorize: Authorize;
    operations: Operations;
    observe?: ((answered: AnsweredRequest) => void) | undefined;
  },
  signal: AbortSignal,
): Promise<unknown> {
  if (request.method !== "POST" || request.url !== "/") {
    throw new AwsError("com.amazon.coral.service#UnknownOperationException", "POST / is all there is", {
      status: 404,
    });
  }
  const { target, operation } = findOperation(services.operations, request.headers["x-amz-target"]);
  const [service = ""] = operation.action.split(":");
  const { principal } = authenticate(request, body, { ...services, service });
  const input = parseJson(body);
  const resource = operation.resource(input);
  const context = { "aws:SecureTransport": "true" };
  if (!services.authorize({ principal, action: operation.action, resource, context })) {
    throw new AwsError(
      "com.amazon.coral.service#AccessDeniedException",
      `User: ${principal} is not authorized to perform: ${operation.action} on resource: ${resource}`,
      { status: 403, queryCode: "AccessDenied" },
    );
  }
  let output: unknown;
  try {
    output = await operation.run(input, signal);
    return output;
  } finally {
    services.observe?.({ principal, target, input, output });
  }
}

function findOperation(
  operations: Operations,
  target: string | string[] | undefined,
): { target: string; operation: Operation } {
  const operation =
    typeof target === "string" && Object.hasOwn(operations, target) ? operations[target] : undefined;
  if (typeof target !== "string" || operation === undefined) {
    throw new AwsError(
      "com.amazon.coral.service#UnknownOperationException",
      `there is no operation ${target}`,
    );
  }
  return { target, operation };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new AwsError("com.amazon.coral.service#SerializationException", "the body is not JSON");
  }
}
