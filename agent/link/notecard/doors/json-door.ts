import { chunkCount } from "../../../../protocol/chunk.ts";
import { formatChunkRequest } from "../../../../protocol/chunk-request.ts";
import { REQUEST_NAME_MAX_CHARS } from "../../../../protocol/limits.ts";
import type { Notecard } from "../../../notecard/notecard.ts";
import type { Fetchable } from "../../link.ts";
import { chunkSizes, createSizeControl, planChunk } from "./chunk-size.ts";
import type { Door, DoorOptions } from "./door.ts";
import { readWebChunk } from "./web-chunk.ts";
import { fetchInSize, webGet } from "./web-get.ts";

/** Chunks by number, as base64 in JSON: works with every Notecard. */
export function createJsonDoor(notecard: Notecard, options: DoorOptions & { chunkSize: number }): Door {
  const sizes = chunkSizes(options.chunkSize);
  const control = createSizeControl(sizes);
  return {
    chunkBytes: control.limit,
    fetch: (file, offset) =>
      fetchInSize(control, async () => {
        const usable = sizes.filter((size, at) => at === 0 || hasRoom(file, size));
        const limit = Math.max(control.limit(), usable.at(-1) ?? 0);
        const { chunk, size, skip } = planChunk(offset, usable, limit);
        const name = formatChunkRequest({ ...file, chunk, size });
        const reply = await webGet(notecard, options, { name, content: "application/json" });
        return readWebChunk(reply, file, chunk, size).subarray(skip);
      }),
  };
}

/** Smaller chunks have larger numbers, for which a long key may leave no room. */
function hasRoom(file: Fetchable, size: number): boolean {
  const last = formatChunkRequest({ ...file, chunk: chunkCount(file.size, size), size });
  return last.length <= REQUEST_NAME_MAX_CHARS;
}
