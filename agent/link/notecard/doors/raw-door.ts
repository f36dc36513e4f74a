import * as v from "valibot";
import { JSON_REPLY_MAX_BYTES } from "../../../../protocol/limits.ts";
import { formatRangeRequest } from "../../../../protocol/range-request.ts";
import type { Notecard } from "../../../notecard/notecard.ts";
import { FetchFailed } from "../../fetch-failed.ts";
import { askByNumber } from "./ask-by-number.ts";
import { chunkSizes, createSizeControl } from "./chunk-size.ts";
import type { Door, DoorOptions } from "./door.ts";
import { checkRangeReply, createLengthCheck } from "./web-bytes.ts";
import { fetchInSize, webGet } from "./web-get.ts";

const RawReply = v.object({
  result: v.pipe(v.number(), v.integer()),
  payload: v.optional(v.string(), ""),
  body: v.optional(v.unknown()),
  total: v.optional(v.number()),
});

/**
 * Bytes by range as a reply's `payload`: over the air they are bytes, and base64 only between Notecard and host.
 * "The maximum response size from the service is 8192 bytes": notecard-schema, `web.get` response.
 */
export function createRawDoor(notecard: Notecard, options: DoorOptions): Door {
  const checkLength = createLengthCheck();
  const control = createSizeControl(chunkSizes(JSON_REPLY_MAX_BYTES));
  return {
    chunkBytes: control.limit,
    fetch: (file, offset) =>
      fetchInSize(control, async () => {
        const max = Math.min(control.limit(), file.size - offset);
        const request = { name: formatRangeRequest(file), content: "application/octet-stream", offset, max };
        const reply = v.safeParse(RawReply, await webGet(notecard, options, request));
        if (!reply.success) throw new FetchFailed("damaged", "the reply to web.get has no result");
        const { payload, body } = reply.output;
        const bytes = Buffer.from(payload, "base64");
        await checkRangeReply(reply.output, file, {
          errorText: async () => (body === undefined ? bytes : Buffer.from(JSON.stringify(body))),
          ask: () => askByNumber(notecard, options, file),
        });
        if (bytes.toString("base64") !== payload) {
          throw new FetchFailed("damaged", "the payload is no base64");
        }
        checkLength(bytes.length, max);
        return bytes;
      }),
  };
}
