import { FetchFailed, failureOfStatus } from "../fetch-failed.ts";
import type { HttpReply } from "./https-connection.ts";

/** Bytes that were asked for, from `first` on, of a file of `size` bytes. */
export type AskedRange = { first: number; length: number; size: number };

/** Longest pause that a reply's header may ask for; `fetchPatiently` has a bound of its own. */
const RETRY_AFTER = /^\d{1,5}$/;

/** True if the reply is that to a request without a range: something in between has dropped that. */
export function lostTheRange({ status, headers }: HttpReply): boolean {
  return status === 200 && !isPage(headers);
}

/**
 * Reads a reply to a request for bytes of a file; of one that broke off, what came.
 *
 * @throws {FetchFailed}
 */
export function readRange(reply: HttpReply, { first, length, size }: AskedRange): Buffer {
  const { status, headers, body, isWhole } = reply;
  if (status >= 300) throw withRetryAfter(failureOfStatus(status, jsonOf(body)), headers);
  if (isPage(headers))
    throw new FetchFailed("route", "a page came in place of the file: is there a sign-in page in between?");
  if (status !== 206)
    throw new FetchFailed(
      "route",
      `the answer to a request for a range was ${status}: does something in between drop ranges?`,
    );
  const due = dueOf(headers["content-range"], { first, length, size });
  if (body.length > due || (isWhole && body.length < due) || body.length === 0)
    throw new FetchFailed("damaged", `${body.length} bytes came in place of ${due}`);
  return body;
}

/** Bytes that the range of the reply has. Without its header, which proxies are known to drop, it must be what was asked for. */
function dueOf(header: string | undefined, { first, length, size }: AskedRange): number {
  if (header === undefined) return length;
  const [, from, to, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(header) ?? [];
  if (from === undefined || to === undefined || Number(to) < Number(from))
    throw new FetchFailed("damaged", "the reply's range makes no sense");
  if (total !== "*" && Number(total) !== size)
    throw new FetchFailed("wrong-size", "the server's file is not as long as announced");
  const due = Number(to) - Number(from) + 1;
  if (Number(from) !== first || due > length)
    throw new FetchFailed("damaged", "another range came than was asked for");
  return due;
}

function isPage(headers: HttpReply["headers"]): boolean {
  return /^text\/html\b/i.test(headers["content-type"] ?? "");
}

function withRetryAfter(failure: FetchFailed, headers: HttpReply["headers"]): FetchFailed {
  const seconds = headers["retry-after"];
  if (failure.retryAfter !== undefined || seconds === undefined || !RETRY_AFTER.test(seconds)) return failure;
  return new FetchFailed(failure.reason, failure.message, { retryAfter: Number(seconds) });
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
