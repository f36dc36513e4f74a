import { RetryLater } from "../../outcome/retry-later.ts";
import type { NotehubReply } from "./notehub-reply.ts";

/** A page of five thousand devices stays below this. A batch reads ten replies side by side, in a gigabyte. */
const REPLY_MAX_BYTES = 16 * 1024 * 1024;

/** Failures to connect: nobody can have read the request. */
const UNSENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/**
 * Sends one request and reads the reply whole.
 *
 * @throws {RetryLater} when no whole reply came.
 */
export type HttpExchange = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
  signal: AbortSignal,
) => Promise<NotehubReply>;

/** Redirects are not followed: they would carry the token elsewhere. */
export function createHttpExchange(fetch: typeof globalThis.fetch, timeoutMs: number): HttpExchange {
  return async function exchange(url, init, signal) {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const bounded = AbortSignal.any([signal, timeout]);
      const response = await fetch(url, { ...init, redirect: "manual", signal: bounded });
      const text = await readText(response);
      return { status: response.status, retryAfter: response.headers.get("retry-after"), text };
    } catch (cause) {
      if (timeout.aborted || signal.aborted) {
        throw new RetryLater("notehub-timeout", "Notehub took too long", { fate: "uncertain", cause });
      }
      const fate = UNSENT.has(causeCode(cause)) ? "unsent" : "uncertain";
      throw new RetryLater("notehub-unreachable", "the exchange with Notehub broke off", { fate, cause });
    }
  };
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > REPLY_MAX_BYTES) throw new Error("the reply is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** fetch hides what happened to the connection in its error's cause. */
function causeCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}
