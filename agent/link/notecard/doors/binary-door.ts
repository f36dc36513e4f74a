import * as v from "valibot";
import { formatRangeRequest } from "../../../../protocol/range-request.ts";
import type { Notecard } from "../../../notecard/notecard.ts";
import { NotecardError } from "../../../notecard/notecard-error.ts";
import { FetchFailed } from "../../fetch-failed.ts";
import type { Fetchable } from "../../link.ts";
import { askByNumber } from "./ask-by-number.ts";
import { chunkSizes, createSizeControl } from "./chunk-size.ts";
import type { Door, DoorOptions } from "./door.ts";
import { checkRangeReply, createLengthCheck } from "./web-bytes.ts";
import { fetchInSize, webGet } from "./web-get.ts";

/** Blues' own uploader calls 64 KB a good balance, and 32 KB one for slow links. */
const LARGEST_BYTES = 65_536;

/** A damaged slice is read again, so it is no longer than what a slow line carries in a few seconds. */
const SLICE_BYTES = 8_192;

/** Longer than any error of ours. */
const ERROR_BODY_MAX_BYTES = 1_024;

const BinaryReply = v.object({
  result: v.pipe(v.number(), v.integer()),
  length: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
  total: v.optional(v.number()),
});

/**
 * Bytes by range through the Notecard's binary buffer: the fewest requests, and no base64 on the line to the host.
 * https://dev.blues.io/guides-and-tutorials/notecard-guides/sending-and-receiving-large-binary-objects/
 *
 * @param bufferBytes what `card.binary` gives as `max`
 */
export function createBinaryDoor(notecard: Notecard, options: DoorOptions, bufferBytes: number): Door {
  const checkLength = createLengthCheck();
  const control = createSizeControl(chunkSizes(Math.min(LARGEST_BYTES, bufferBytes)));

  async function readBuffer(length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let at = 0; at < length; at += SLICE_BYTES) {
      (await notecard.readBinary(at, Math.min(SLICE_BYTES, length - at))).copy(bytes, at);
    }
    return bytes;
  }

  /** What the Notecard does not give is as good as hidden. */
  async function readErrorText(length: number): Promise<Buffer> {
    try {
      return await readBuffer(Math.min(length, ERROR_BODY_MAX_BYTES));
    } catch (error) {
      if (error instanceof NotecardError) return Buffer.alloc(0);
      throw error;
    }
  }

  async function fetchOnce(file: Fetchable, offset: number, asked: number): Promise<Buffer> {
    // The buffer is shared with whoever else uses this Notecard, and an error's text is left in it too.
    await notecard.request({ req: "card.binary", delete: true });
    const request = {
      name: formatRangeRequest(file),
      content: "application/octet-stream",
      binary: true,
    } as const;
    const range = { offset, max: asked };
    const reply = v.safeParse(BinaryReply, await webGet(notecard, options, { ...request, ...range }));
    if (!reply.success) throw new FetchFailed("damaged", "the reply to web.get has no result");
    const { length } = reply.output;
    await checkRangeReply(reply.output, file, {
      errorText: () => readErrorText(length),
      ask: () => askByNumber(notecard, options, file),
    });
    checkLength(length, asked);
    return readBuffer(length);
  }

  return {
    chunkBytes: control.limit,
    fetch: (file, offset) =>
      fetchInSize(control, () => fetchOnce(file, offset, Math.min(control.limit(), file.size - offset))),
  };
}
