import { formatChunkRequest } from "../../protocol/chunk-request.ts";
import type { Notecard } from "../notecard/notecard.ts";
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
        const { chunk, size, skip } = planChunk(offset, sizes, control.limit());
        const name = formatChunkRequest({ key: file.key, chunk, size, etag: file.etag });
        const reply = await webGet(notecard, options, { name, content: "application/json" });
        return readWebChunk(reply, file, chunk, size).subarray(skip);
      }),
  };
}
