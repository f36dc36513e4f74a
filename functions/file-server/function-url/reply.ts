import { type Chunk, formatChunk } from "../../../protocol/chunk.ts";
import { errorBody, type RequestError } from "../../../protocol/errors.ts";
import type { Ranged } from "../serve/serve-range.ts";

/** Header names have their usual spelling: there are device clients that compare them letter by letter. [NF-5.8] */
export type FunctionUrlReply = {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: boolean;
};

export function chunkReply(chunk: Chunk): FunctionUrlReply {
  return jsonReply(200, {}, formatChunk(chunk)); // [NF-3.4]
}

/** Bytes as they are: with a Content-Length, so never chunked; an octet-stream, so nothing compresses it. [NF-5.1] */
export function rangeReply(ranged: Ranged): FunctionUrlReply {
  if (ranged.kind === "known") return notModified(ranged.etag);
  if (ranged.kind === "elsewhere") return redirect(ranged.url);
  const bytes = ranged.kind === "head" ? Buffer.alloc(0) : ranged.bytes;
  const headers: Record<string, string> = {
    "Content-Type": "application/octet-stream",
    "Content-Length": String(ranged.kind === "head" ? ranged.total : bytes.length), // [NF-5.7]
    "Accept-Ranges": "bytes",
    ETag: `"${ranged.etag}"`,
  };
  if (ranged.modified !== undefined) headers["Last-Modified"] = ranged.modified;
  if (ranged.kind === "part") {
    headers["Content-Range"] = `bytes ${ranged.offset}-${ranged.offset + bytes.length - 1}/${ranged.total}`;
  }
  return {
    statusCode: ranged.kind === "part" ? 206 : 200,
    headers,
    body: bytes.toString("base64"),
    isBase64Encoded: true,
  };
}

/** [NF-5.9] With nothing that the client has already, RFC 9110 §15.4.5. */
function notModified(etag: string): FunctionUrlReply {
  return { statusCode: 304, headers: { ETag: `"${etag}"` }, body: "", isBase64Encoded: false };
}

/** [NF-12.5] 307 keeps the method, RFC 9110 §15.4.8; nothing else goes beside so long an address. */
function redirect(url: string): FunctionUrlReply {
  return { statusCode: 307, headers: { Location: url }, body: "", isBase64Encoded: false };
}

/** [NF-6.1] [NF-6.2] */
export function errorReply(error: RequestError): FunctionUrlReply {
  const headers: Record<string, string> = {};
  if (error.code === "unauthorized") headers["WWW-Authenticate"] = "Bearer"; // RFC 9110 §15.5.2
  if (error.allow !== undefined) headers.Allow = error.allow;
  if (error.retryAfter !== undefined) headers["Retry-After"] = String(error.retryAfter);
  if (error.totalBytes !== undefined) headers["Content-Range"] = `bytes */${error.totalBytes}`; // [NF-5.2]
  return jsonReply(error.status, headers, errorBody(error));
}

function jsonReply(statusCode: number, headers: Record<string, string>, body: unknown): FunctionUrlReply {
  return {
    statusCode,
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}
