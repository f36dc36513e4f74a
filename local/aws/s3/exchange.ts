import type { RequestBody } from "./body/request-body.ts";
import type { Reply } from "./http/reply.ts";
import type { S3Request } from "./http/s3-request.ts";
import type { S3Observation, S3Operation } from "./observation.ts";
import type { OperationName } from "./operations/choose-operation.ts";

/** What is known of a request so far, for errors and observations, however early it fails. */
export type Exchange = {
  id: string;
  request?: S3Request;
  operation: S3Observation["operation"];
  principal: string;
  body?: RequestBody;
};

export function operationOf(operation: OperationName, request: S3Request, principal: string): S3Operation {
  return { operation, principal, ...namesOf(request, request.query.get("versionId")) };
}

export function observationOf(exchange: Exchange, reply: Reply, bytesOut: number): S3Observation {
  const { id, request, operation, principal, body } = exchange;
  const versionId = reply.headers?.["x-amz-version-id"] ?? request?.query.get("versionId");
  return {
    requestId: id,
    operation,
    principal,
    ...namesOf(request, versionId === undefined ? undefined : String(versionId)),
    status: reply.status,
    bytesIn: body?.bytesRead() ?? 0,
    bytesOut,
    ...reply.about,
  };
}

function namesOf(request: S3Request | undefined, versionId: string | undefined) {
  return {
    bucket: request?.bucket ?? "",
    key: request?.key ?? "",
    versionId,
    range: request?.header("range"),
  };
}
