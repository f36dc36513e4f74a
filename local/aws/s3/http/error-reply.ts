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
    element("HostId", requestId),
  );
  return {
    status: error.status,
    headers: { "content-type": "application/xml", ...error.headers },
    body: document,
  };
}

/** Faults that the owner of the disk can mend, by Node's code and by the primary result code of SQLite. */
const DISK_FAULTS: readonly { codes: readonly unknown[]; sqlite: number; sentence: string }[] = [
  { codes: ["ENOSPC", "EDQUOT"], sqlite: 13, sentence: "The disk is full." },
  { codes: ["EROFS"], sqlite: 8, sentence: "The disk is read-only." },
  { codes: ["EIO"], sqlite: 10, sentence: "The disk cannot be read or written." },
];

/** What a client is told of a fault inside: only what is wrong with the disk. */
export function asS3Error(fault: unknown): S3Error {
  if (fault instanceof S3Error) return fault;
  const code = fault instanceof Error && "code" in fault ? fault.code : undefined;
  const sqlite = fault instanceof Error && "errcode" in fault ? Number(fault.errcode) & 0xff : undefined;
  const known = DISK_FAULTS.find((each) => each.codes.includes(code) || each.sqlite === sqlite);
  if (known !== undefined) return new S3Error("ServiceUnavailable", known.sentence, { cause: fault });
  return new S3Error("InternalError", undefined, { cause: fault });
}
