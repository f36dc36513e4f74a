import type { ServerResponse } from "node:http";
import { finished } from "node:stream/promises";
import { usualSpelling } from "./header-spelling.ts";

/** What an operation answers; it is sent by one place, with the headers that every reply has. */
export type Reply = {
  status: number;
  headers?: Record<string, string | number>;
  body?: string | Buffer | ByteStream;
  /** What the request turned out to be about, where its head did not say. */
  about?: { key?: string; principal?: string; versionId?: string; range?: string };
};

/** A piece may be overwritten once the next is asked for. */
export type ByteStream = { stream: AsyncIterable<Buffer>; length: number };

export const EMPTY: Reply = { status: 200, headers: { "content-length": 0 } };
export const NO_CONTENT: Reply = { status: 204 };

export function xmlReply(document: string, headers: Record<string, string | number> = {}): Reply {
  return { status: 200, headers: { "content-type": "application/xml", ...headers }, body: document };
}

/**
 * Sends a reply.
 *
 * @param beforeLast gets the number of bytes of the body. For a body in memory it is called before they are sent, so
 * that it was called when the client has its reply; for a stream after them.
 */
export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  method: string,
  beforeLast: (bytesOut: number) => void,
): Promise<void> {
  const { body } = reply;
  const stream = typeof body === "object" && "stream" in body ? body : undefined;
  const bytes = stream !== undefined ? undefined : bufferOf(body);
  const length = stream?.length ?? bytes?.length;
  response.writeHead(reply.status, {
    ...(length === undefined ? {} : { "Content-Length": length }),
    ...spelled(reply.headers ?? {}),
  });
  if (method === "HEAD" || stream === undefined) {
    const content = method === "HEAD" ? undefined : bytes;
    beforeLast(content?.length ?? 0);
    response.end(content);
    await finished(response);
    return;
  }
  beforeLast(await sendStream(response, stream));
}

function spelled(headers: NonNullable<Reply["headers"]>): NonNullable<Reply["headers"]> {
  const result: NonNullable<Reply["headers"]> = {};
  for (const [name, value] of Object.entries(headers)) result[usualSpelling(name)] = value;
  return result;
}

function bufferOf(body: string | Buffer | ByteStream | undefined): Buffer | undefined {
  if (typeof body === "string") return Buffer.from(body);
  return Buffer.isBuffer(body) ? body : undefined;
}

async function sendStream(response: ServerResponse, { stream }: ByteStream): Promise<number> {
  let sent = 0;
  for await (const piece of stream) {
    sent += piece.length;
    await written(response, piece);
    if (response.destroyed) return sent; // the client went away
  }
  response.end();
  return sent;
}

/** Resolves when the connection has taken the piece, so that its buffer can be used again, or when the client has gone. */
function written(response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("close", done);
      resolve();
    };
    response.on("close", done);
    response.write(piece, done);
    if (response.destroyed) done();
  });
}
