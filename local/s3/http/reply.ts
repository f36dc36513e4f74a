import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { finished } from "node:stream/promises";

/** What an operation answers; it is sent by one place, with the headers that every reply has. */
export type Reply = {
  status: number;
  headers?: Record<string, string | number>;
  body?: string | Buffer | ByteStream;
  /** What the request turned out to be about, where its head did not say. */
  about?: { key?: string; principal?: string; versionId?: string; range?: string };
};

export type ByteStream = { stream: AsyncIterable<Buffer>; length: number };

export const EMPTY: Reply = { status: 200, headers: { "content-length": 0 } };
export const NO_CONTENT: Reply = { status: 204 };

export function xmlReply(document: string, headers: Record<string, string | number> = {}): Reply {
  return { status: 200, headers: { "content-type": "application/xml", ...headers }, body: document };
}

/**
 * Sends a reply. `beforeLast` is called before the client can know that it has everything, if the body is in memory;
 * after a stream.
 *
 * @returns the bytes of body sent.
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
  const headers = { ...reply.headers };
  if (stream !== undefined) headers["content-length"] ??= stream.length;
  else if (bytes !== undefined) headers["content-length"] ??= bytes.length;
  response.writeHead(reply.status, headers);
  if (method === "HEAD" || stream === undefined) {
    const content = method === "HEAD" ? undefined : bytes;
    beforeLast(content?.length ?? 0);
    response.end(content);
    await finished(response);
    return;
  }
  beforeLast(await sendStream(response, stream));
}

function bufferOf(body: string | Buffer | ByteStream | undefined): Buffer | undefined {
  if (typeof body === "string") return Buffer.from(body);
  return Buffer.isBuffer(body) ? body : undefined;
}

async function sendStream(response: ServerResponse, { stream }: ByteStream): Promise<number> {
  let sent = 0;
  for await (const piece of stream) {
    if (response.destroyed) break;
    sent += piece.length;
    if (!response.write(piece)) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  response.end();
  return sent;
}
