import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { SignedRequest } from "../../sigv4/canonical-request.ts";
import { parseTarget, type RequestTarget } from "./request-target.ts";

/** The head of a request, parsed. */
export type S3Request = SignedRequest &
  RequestTarget & {
    /** 16 hex digits, as `x-amz-request-id` tells the client. */
    id: string;
    host: string;
    /** Over TLS. */
    secure: boolean;
    remoteAddress: string;
    /** A header, its repetitions joined by commas. */
    header(name: string): string | undefined;
  };

/** @throws {S3Error} `InvalidURI`, `KeyTooLongError` */
export function parseRequest(incoming: IncomingMessage, id: string): S3Request {
  const headers = incoming.headersDistinct;
  const host = headers.host?.[0] ?? "";
  const target = parseTarget(incoming.url ?? "", host);
  const hoisted = hoistedHeaders(target.query);
  return {
    ...target,
    id,
    method: incoming.method ?? "",
    headers,
    host,
    secure: "encrypted" in incoming.socket,
    remoteAddress: incoming.socket.remoteAddress ?? "",
    header: (name) => headers[name]?.join(",") ?? hoisted.get(name),
  };
}

export function newRequestId(): string {
  return randomBytes(8).toString("hex").toUpperCase();
}

const HOISTED = /^x-amz-(?:meta-.+|acl|tagging|storage-class|server-side-encryption)$/i;

/**
 * Headers that a presigner moves into the query, where the signature covers them. Checksums are left out: presigners put
 * that of an empty body there.
 */
function hoistedHeaders(query: ReadonlyMap<string, string>): Map<string, string> {
  const found = [...query].filter(([name]) => HOISTED.test(name));
  return new Map(found.map(([name, value]) => [name.toLowerCase(), latin1(value)]));
}

/** Text as Node gives it in a header: one character per byte of UTF-8. */
export function latin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
