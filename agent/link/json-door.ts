import { formatChunkRequest } from "../../protocol/chunk-request.ts";
import type { Notecard } from "../notecard/notecard.ts";
import { chunkSizes, createSizeControl, planChunk } from "./chunk-size.ts";
import type { Door, DoorOptions } from "./door.ts";
import { FetchFailed } from "./fetch-failed.ts";
import { failureOfTransaction } from "./fetch-failure.ts";
import { readWebChunk } from "./web-chunk.ts";

/** Chunks by number, as base64 in JSON: works with every Notecard. */
export function createJsonDoor(notecard: Notecard, options: DoorOptions & { chunkSize: number }): Door {
  const sizes = chunkSizes(options.chunkSize);
  const control = createSizeControl(sizes);
  return {
    chunkBytes: control.limit,
    async fetch(file, offset) {
      const { chunk, size, skip } = planChunk(offset, sizes, control.limit());
      try {
        const reply = await notecard.request({
          req: "web.get",
          route: options.route,
          name: formatChunkRequest({ key: file.key, chunk, size, etag: file.etag }),
          content: "application/json",
          seconds: options.seconds,
        });
        const bytes = readWebChunk(reply, file, chunk, size);
        control.succeeded();
        return bytes.subarray(skip);
      } catch (error) {
        const failure = error instanceof FetchFailed ? error : failureOfTransaction(error);
        if (failure?.reason === "timeout" || failure?.reason === "too-big") control.tooSlow();
        throw failure ?? error;
      }
    },
  };
}
