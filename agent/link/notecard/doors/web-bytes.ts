import { FetchFailed, failureOfStatus } from "../../fetch-failed.ts";
import type { FileVersion } from "../../link.ts";
import { SMALLEST_BYTES } from "./chunk-size.ts";

/** What came of a range request. `total` is the whole file's size as the server told it; not every Notecard passes it on. */
export type WebBytesReply = { result: number; total?: number | undefined };

/**
 * Checks the head of a reply to a range request.
 *
 * @param asked bytes asked for
 * @param errorBody the body of an error
 * @throws {FetchFailed}; `rejected` where the server does not know ranges, so that another way can be tried.
 */
export function checkRangeReply(
  { result, total }: WebBytesReply,
  file: FileVersion,
  offset: number,
  asked: number,
  errorBody: () => unknown,
): void {
  if (result >= 400) throw failureOfStatus(result, errorBody());
  // 200 is the whole file: right only where that is what was asked for.
  if (result !== 206 && !(result === 200 && offset === 0 && asked === file.size)) {
    throw new FetchFailed("rejected", `the server answered ${result} to a range request`);
  }
  if (total !== undefined && total > 0 && total !== file.size) {
    throw new FetchFailed("wrong-size", `the server's file has ${total} bytes, ${file.size} were announced`);
  }
}

/** Pieces in a row that are taken though they are not worth their request. */
const MAX_TINY_PIECES = 2;

/**
 * Checks how much came, fetch after fetch: a range may be answered by its first part [NF-5.6], a whole file may not. Nor may
 * tiny parts come for ever: a megabyte would be a million requests.
 *
 * @returns a check that throws {FetchFailed}.
 */
export function createLengthCheck(): (result: number, length: number, asked: number) => void {
  let tiny = 0;
  return (result, length, asked) => {
    const least = result === 206 ? 1 : asked;
    if (length < least || length > asked) {
      throw new FetchFailed("damaged", `${length} bytes came instead of ${asked}`);
    }
    tiny = length < Math.min(asked, SMALLEST_BYTES) ? tiny + 1 : 0;
    if (tiny > MAX_TINY_PIECES) {
      throw new FetchFailed("damaged", `again and again only a few bytes come: ${length} of ${asked}`);
    }
  };
}

/** JSON, or undefined: an error's body may be anything. */
export function parseErrorBody(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
