import { RetryLater } from "./retry-later.ts";
import { Undeliverable } from "./undeliverable.ts";

/** What is told of an error: a short word, and a sentence. Never the error itself: an SDK's may carry what must not be logged. */
export function explain(error: unknown, signal: AbortSignal): { reason: string; detail: string } {
  if (!(error instanceof Error)) return { reason: "unknown", detail: String(error) };
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  const detail = `${error.message}${cause}`;
  if (error instanceof RetryLater) return { reason: error.reason, detail };
  if (signal.aborted) return { reason: "out-of-time", detail: "the function's time is nearly up" };
  return { reason: "code" in error ? String(error.code) : error.name, detail };
}

/** What the operator is shown of what ended a message: why no retry can help, or what the last attempt met. */
export function reasonOf(error: unknown, signal: AbortSignal): string {
  return error instanceof Undeliverable ? error.message : explain(error, signal).reason;
}
