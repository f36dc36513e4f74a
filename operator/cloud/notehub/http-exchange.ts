import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { OperatorError } from "../operator-error.ts";

const TIMEOUT_MS = 30_000;
/** Nothing that is asked for here is near that long. */
const REPLY_MAX_BYTES = 16 * 1024 * 1024;

export type HttpReply = { status: number; text: string };

export type HttpExchange = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
  signal: AbortSignal,
) => Promise<HttpReply>;

/**
 * Sends one request and reads the reply whole. A redirect is a reply like any other: followed, it would carry a token elsewhere.
 *
 * @param ca PEM of the CA of the local stack, which fetch could not be told
 */
export function createHttpExchange(ca: string | undefined): HttpExchange {
  return async function exchange(url, { method, headers, body }, signal) {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const send = url.startsWith("https:") ? requestHttps : requestHttp;
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const request = send(url, {
          method,
          headers,
          ...(ca === undefined ? {} : { ca }),
          signal: bounded,
          agent: false,
        });
        request.on("response", resolve);
        request.on("error", reject);
        request.end(body);
      });
      return { status: response.statusCode ?? 0, text: await readText(response) };
    } catch (cause) {
      signal.throwIfAborted();
      const why = bounded.aborted ? `no reply within ${TIMEOUT_MS / 1000} s` : String(cause);
      throw new OperatorError("fault", `${new URL(url).origin} cannot be reached: ${why}`, {
        cause,
        mayPass: true,
      });
    }
  };
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > REPLY_MAX_BYTES) throw new Error("the reply is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
