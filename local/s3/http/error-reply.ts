import { S3Error } from "../s3-error.ts";
import { element, plainDocument } from "../xml/write-xml.ts";
import type { Reply } from "./reply.ts";

/** @param resource what was asked for, as far as it could be read. */
export function errorReply(error: S3Error, requestId: string, resource: string): Reply {
  if (error.status === 304) return { status: 304, headers: error.headers }; // it has no body
  const document = plainDocument(
    "Error",
    element("Code", error.code),
    element("Message", error.message),
    Object.entries(error.details).map(([name, value]) => element(name, value)),
    element("Resource", resource),
    element("RequestId", requestId),
  );
  return {
    status: error.status,
    headers: { "content-type": "application/xml", ...error.headers },
    body: document,
  };
}

const FULL_DISK = new Set<unknown>(["ENOSPC", "EDQUOT"]);
const SQLITE_FULL = 13;

/** What a client is told of a fault inside: only whether a disk is full, which its owner can mend. */
export function asS3Error(fault: unknown): S3Error {
  if (fault instanceof S3Error) return fault;
  if (fault instanceof Error) {
    const full =
      ("code" in fault && FULL_DISK.has(fault.code)) || ("errcode" in fault && fault.errcode === SQLITE_FULL);
    if (full) return new S3Error("ServiceUnavailable", "The disk is full.", { cause: fault });
  }
  return new S3Error("InternalError", undefined, { cause: fault });
}
