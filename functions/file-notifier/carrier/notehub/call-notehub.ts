import type { HttpExchange } from "./http-exchange.ts";
import { isUnauthorized, readReply } from "./notehub-reply.ts";
import type { NotehubTokens } from "./notehub-tokens.ts";

/**
 * Makes one call to the Notehub API, below the project, and gives the reply's JSON object.
 *
 * @throws {RetryLater | Undeliverable}
 */
export type CallNotehub = (
  method: string,
  path: string,
  signal: AbortSignal,
  body?: unknown,
) => Promise<Record<string, unknown>>;

/** Version 1 of the API. https://dev.blues.io/api-reference/notehub-api/ */
export function createCallNotehub({
  exchange,
  url,
  projectUid,
  tokens,
  now,
}: {
  exchange: HttpExchange;
  /** Origin, without a trailing slash. */
  url: string;
  projectUid: string;
  tokens: NotehubTokens;
  now: () => number;
}): CallNotehub {
  /** A refused token is replaced once: the secret may have been rotated since it was read. [NF-8.5] */
  return async function call(method, path, signal, body) {
    const refused = await tokens.current(signal);
    const reply = await send(refused, method, path, signal, body);
    if (!isUnauthorized(reply)) return readReply(reply, now());
    tokens.refuse(refused);
    const token = await tokens.current(signal);
    const second = await send(token, method, path, signal, body);
    if (isUnauthorized(second)) tokens.refuse(token);
    return readReply(second, now());
  };

  async function send(token: string, method: string, path: string, signal: AbortSignal, body: unknown) {
    const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
    const init =
      body === undefined
        ? { method, headers }
        : {
            method,
            headers: { ...headers, "content-type": "application/json" },
            body: JSON.stringify(body),
          };
    const reply = await exchange(`${url}/v1/projects/${pathSegment(projectUid)}/${path}`, init, signal);
    return { ...reply, text: reply.text.replaceAll(token, "…") }; // an echo of it would end up in the log
  }
}

/** A path may hold a colon (RFC 3986 §3.3), and UIDs are easier to find in a log with theirs. */
export function pathSegment(uid: string): string {
  return encodeURIComponent(uid).replaceAll("%3A", ":");
}
