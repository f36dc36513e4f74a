import type { Authorize } from "../../iam/authorize.ts";
import type { FindCredential } from "../../sigv4/credential.ts";
import type { RequestBody } from "../body/request-body.ts";
import type { Deliver } from "../events/deliver-events.ts";
import type { EventOrigin } from "../events/event-record.ts";
import type { Reply } from "../http/reply.ts";
import type { S3Request } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import type { ObjectChanges } from "../store/object-changes.ts";
import type { Store } from "../store/store.ts";
import { parseVersionId } from "./version-id.ts";

/** Who sent a request, proved by its signature. `principal` is a role's ARN or `root`. */
export type Caller = { principal: string; accessKeyId: string };

/** A request under way, and what operations need to carry it out. */
export type S3Call = {
  request: S3Request;
  caller: Caller;
  body: RequestBody;
  store: Store;
  changes: ObjectChanges;
  authorize: Authorize;
  findCredential: FindCredential;
  region: string;
  /** Absent: nobody takes events. */
  deliver: Deliver | undefined;
  /** Milliseconds since 1970. */
  now: () => number;
};

/** An action on an ARN, as policies name them. */
export type Permission = { action: string; resource: string };

/** One operation of S3's: what its caller must be allowed, and how it is carried out. */
export type Operation = {
  /** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
  needs(request: S3Request): Permission[];
  /** @throws {S3Error} */
  run(call: S3Call): Promise<Reply>;
};

export function onBucket(request: Pick<S3Request, "bucket">, action: string): Permission {
  return { action, resource: `arn:aws:s3:::${request.bucket}` };
}

export function onObject(request: Pick<S3Request, "bucket" | "key">, action: string): Permission {
  return { action, resource: `arn:aws:s3:::${request.bucket}/${request.key}` };
}

/** S3 has a second action for reading, deleting or tagging a version that is named. */
export function versioned(request: S3Request, action: string, ofVersion: string): Permission {
  return onObject(request, versionIdOf(request) === undefined ? action : ofVersion);
}

/** Comparing an etag counts as reading. */
export function conditionPermissions(request: S3Request): Permission[] {
  return request.header("if-match") === undefined ? [] : [onObject(request, "s3:GetObject")];
}

/** Whether the stack's policies, and the bucket's own, let the caller do this. */
export function allows(
  call: Pick<S3Call, "authorize" | "request" | "store" | "caller">,
  need: Permission,
): boolean {
  const { request, store, caller, authorize } = call;
  const access = { principal: caller.principal, ...need, context: conditionKeys(request) };
  const ofBucket = store.buckets.find(bucketOf(need.resource))?.policy(access) ?? "none";
  if (ofBucket === "deny") return false;
  return ofBucket === "allow" || authorize(access);
}

/** @throws {S3Error} `AccessDenied` */
export function requireAllowed(call: S3Call, needs: readonly Permission[]): void {
  for (const need of needs) {
    if (!allows(call, need)) {
      throw new S3Error(
        "AccessDenied",
        `${call.caller.principal} is not allowed ${need.action} on ${need.resource}`,
      );
    }
  }
}

function bucketOf(arn: string): string {
  return arn.slice("arn:aws:s3:::".length).split("/", 1)[0] ?? "";
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html */
function conditionKeys({ secure, query }: S3Request): Record<string, string> {
  return {
    "aws:SecureTransport": String(secure),
    "s3:prefix": query.get("prefix") ?? "",
    "s3:delimiter": query.get("delimiter") ?? "",
  };
}

/**
 * `?versionId=`
 *
 * @throws {S3Error} `InvalidArgument`
 */
export function versionIdOf(request: Pick<S3Request, "query">): string | undefined {
  const versionId = request.query.get("versionId");
  return versionId === undefined ? undefined : parseVersionId(versionId);
}

export function originOf({ request, caller }: Pick<S3Call, "request" | "caller">): EventOrigin {
  return {
    requestId: request.id,
    principalId: `AWS:${caller.accessKeyId}`,
    remoteAddress: request.remoteAddress,
  };
}
