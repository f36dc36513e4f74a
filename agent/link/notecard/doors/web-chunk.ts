import * as v from "valibot";
import { chunkCount, parseChunk } from "../../../../protocol/chunk.ts";
import { FetchFailed, failureOfStatus } from "../../fetch-failed.ts";
import type { Fetchable } from "../../link.ts";

const WebReply = v.object({ result: v.pipe(v.number(), v.integer()), body: v.optional(v.unknown()) });

/**
 * Reads a Notecard's reply to a `web.get` for one chunk by number.
 *
 * @throws {FetchFailed}
 */
export function readWebChunk(reply: unknown, file: Fetchable, chunk: number, chunkSize: number): Buffer {
  const web = v.safeParse(WebReply, reply);
  if (!web.success) throw new FetchFailed("damaged", "the reply to web.get has no result");
  const { result, body } = web.output;
  if (result >= 300) throw failureOfStatus(result, body);
  if (result !== 200) throw new FetchFailed("route", `the answer to a request for a chunk was ${result}`);
  const read = parseChunk(body);
  if (read?.etag === undefined) {
    throw new FetchFailed("damaged", "the reply is no chunk, or its checksum does not hold");
  }
  // Packed content is named by what it unpacks to, which is what is verified; and a VersionId is for ever that version's.
  if ("key" in file && file.etag !== undefined && read.etag !== file.etag)
    throw new FetchFailed("file-changed", "the chunk is of another version");
  if (read.chunk !== chunk) throw new FetchFailed("damaged", `chunk ${read.chunk} came instead of ${chunk}`);
  const length = Math.min(chunkSize, file.size - (chunk - 1) * chunkSize);
  if (read.totalChunks !== chunkCount(file.size, chunkSize) || read.bytes.length !== length) {
    throw new FetchFailed("wrong-size", "the server's file is not as long as announced");
  }
  return read.bytes;
}
