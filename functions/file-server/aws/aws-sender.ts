import type { ClientRequest, IncomingMessage } from "node:http";
import type { SigningScope } from "../../../protocol/aws-signature.ts";
import type { Connections } from "./connections.ts";
import { signRequest, type UnsignedHeaders } from "./sigv4.ts";

/** `path` and `query` are percent-encoded. */
export type AwsRequest = {
  method: "GET" | "HEAD" | "POST";
  path: string;
  query?: string | undefined;
  headers: UnsignedHeaders;
  body?: string;
  signal: AbortSignal;
};

/** Resolves once the head of the response is here; rejects if none comes. The body must be read or destroyed. */
export type AwsSender = (request: AwsRequest) => Promise<IncomingMessage>;

/** Signs and sends requests to one AWS service. @param origin where the connections lead */
export function createAwsSender(origin: URL, connections: Connections, scope: SigningScope): AwsSender {
  function open(request: AwsRequest): ClientRequest {
    const { method, path, query, body = "", signal } = request;
    const unsigned = { method, host: origin.host, path, query, headers: request.headers, body };
    const headers = signRequest(unsigned, scope, new Date());
    const target = query === undefined ? path : `${path}?${query}`;
    return connections.request({ method, path: target, headers, signal }).end(body);
  }

  return async function send(request) {
    for (;;) {
      const outgoing = open(request);
      try {
        return await responseTo(outgoing);
      } catch (error) {
        // AWS closes idle connections while the environment is frozen, which shows only on the next use. Nothing
        // was answered and all our requests are reads: try the next connection. An error on a new one is thrown.
        if (!connections.wasOpen(outgoing) || !isDisconnect(error)) throw error;
      }
    }
  };
}

function responseTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on("response", resolve);
    outgoing.on("error", reject); // stays on: after the response it keeps an abort from crashing the process
  });
}

function isDisconnect(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}

/** Reads a body to its end, or its first `limit` bytes; what is beyond them is left unread with its connection. */
export async function readAtMost(response: IncomingMessage, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response) {
    parts.push(part);
    length += part.length;
    if (length > limit) break; // not at the limit: leaving before the end would cost the connection
  }
  return Buffer.concat(parts, Math.min(length, limit));
}
