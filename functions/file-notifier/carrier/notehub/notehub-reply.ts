import * as v from "valibot";
import { parseRetryAfter } from "../../outcome/backoff.ts";
import { RetryLater, UNAUTHORIZED } from "../../outcome/retry-later.ts";
import { Undeliverable } from "../../outcome/undeliverable.ts";

/** A reply of Notehub with its whole body. */
export type NotehubReply = { status: number; retryAfter: string | null; text: string };

const JsonObject = v.record(v.string(), v.unknown());
const Err = v.object({ err: v.string() });

export function isUnauthorized({ status }: NotehubReply): boolean {
  return status === 401 || status === 403;
}

/**
 * Reads a reply's JSON object. [NF-8.5]
 *
 * @param now milliseconds since the epoch
 * @throws {RetryLater | Undeliverable}
 */
export function readReply(reply: NotehubReply, now: number): Record<string, unknown> {
  const { status, text } = reply;
  const seconds = parseRetryAfter(reply.retryAfter, now);
  const json = parseJson(text);
  const said = v.is(Err, json) ? `: ${json.err.slice(0, 300)}` : "";
  if (status >= 200 && status < 300) {
    // Notehub may have accepted, and a proxy in front of it garbled the reply.
    if (!v.is(JsonObject, json) || Array.isArray(json) || said !== "") {
      throw new RetryLater("notehub-unreadable", `Notehub answered ${status} without a result${said}`, {
        fate: "uncertain",
        seconds,
      });
    }
    return json;
  }
  const sentence = `Notehub answered ${status}${said}`;
  if (isUnauthorized(reply)) throw new RetryLater(UNAUTHORIZED, sentence, { fate: "unsent", seconds });
  if (status === 408 || status >= 500) {
    throw new RetryLater(`notehub-${status}`, sentence, { fate: "uncertain", seconds });
  }
  if (status === 429 || status < 400) {
    throw new RetryLater(`notehub-${status}`, sentence, { fate: "unsent", seconds });
  }
  throw new Undeliverable(sentence);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
