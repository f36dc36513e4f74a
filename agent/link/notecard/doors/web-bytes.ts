import { FetchFailed, failureOfStatus } from "../../fetch-failed.ts";
import type { Fetchable } from "../../link.ts";
import { SMALLEST_BYTES } from "./chunk-size.ts";

/** What came of a range request. `total` is the whole file's size as the server told it; not every Notecard passes it on. */
export type WebBytesReply = { result: number; total?: number | undefined };

/** How to learn more of a reply that gave no bytes. */
export type FurtherWord = {
  /** The text of an error; empty where the Notecard does not show it. */
  errorText(): Promise<Buffer>;
  /** What the server says of the version at another door. */
  ask(): Promise<FetchFailed>;
};

/** What ends a delivery if the file-server says it, and nothing if a stranger does. */
const FINAL_STATUSES: ReadonlySet<number> = new Set([404, 412, 416]);

/**
 * Checks the head of a reply to a range request, which the file-server answers 206 even if the range is the whole file [NF-5.1].
 *
 * @throws {FetchFailed}; `route` for a stranger's answer, so that another way can be tried.
 */
export async function checkRangeReply(
  { result, total }: WebBytesReply,
  file: Fetchable,
  { errorText, ask }: FurtherWord,
): Promise<void> {
  if (result === 206 && (total === undefined || total <= 0 || total === file.size)) return;
  if (result === 206) throw await ask(); // another file's size, of which only the file-server can tell
  if (result < 300) throw new FetchFailed("route", `the answer to a range request was ${result}, not 206`);
  const text = await errorText();
  if (text.length === 0 && FINAL_STATUSES.has(result)) throw await ask();
  throw failureOfStatus(result, parseErrorBody(text));
}

/** Pieces in a row that are taken though they are not worth their request. */
const MAX_TINY_PIECES = 2;

/**
 * Checks how much came, fetch after fetch: a range may be answered by its first part [NF-5.6]. Nor may tiny parts come for ever:
 * a megabyte would be a million requests.
 *
 * @returns a check that throws {FetchFailed}.
 */
export function createLengthCheck(): (length: number, asked: number) => void {
  let tiny = 0;
  return (length, asked) => {
    if (length < 1 || length > asked) {
      throw new FetchFailed("damaged", `${length} bytes came instead of ${asked}`);
    }
    tiny = length < Math.min(asked, SMALLEST_BYTES) ? tiny + 1 : 0;
    if (tiny > MAX_TINY_PIECES) {
      throw new FetchFailed("damaged", `again and again only a few bytes come: ${length} of ${asked}`);
    }
  };
}

/** JSON, or undefined: an error's body may be anything. */
function parseErrorBody(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
