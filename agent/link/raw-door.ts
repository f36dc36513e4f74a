import * as v from "valibot";
import { JSON_REPLY_MAX_BYTES } from "../../protocol/limits.ts";
import { formatRangeRequest } from "../../protocol/range-request.ts";
import type { Notecard } from "../notecard/notecard.ts";
import { chunkSizes, createSizeControl } from "./chunk-size.ts";
import type { Door, DoorOptions } from "./door.ts";
import { FetchFailed } from "./fetch-failed.ts";
import { failureOfTransaction } from "./fetch-failure.ts";
import { checkRangeReply, decodePayload, parseErrorBody, RawReply } from "./web-bytes.ts";

/**
 * Bytes by range as a reply's `payload`: over the air they are bytes, and base64 only between Notecard and host.
 * "The maximum response size from the service is 8192 bytes": notecard-schema, `web.get` response.
 */
export function createRawDoor(notecard: Notecard, options: DoorOptions): Door {
  const control = createSizeControl(chunkSizes(JSON_REPLY_MAX_BYTES));
  return {
    chunkBytes: control.limit,
    async fetch(file, offset) {
      const asked = Math.min(control.limit(), file.size - offset);
      try {
        const reply = v.safeParse(
          RawReply,
          await notecard.request({
            req: "web.get",
            route: options.route,
            name: formatRangeRequest(file),
            content: "application/octet-stream",
            offset,
            max: asked,
            seconds: options.seconds,
          }),
        );
        if (!reply.success) throw new FetchFailed("damaged", "the reply to web.get has no result");
        const bytes = decodePayload(reply.output.payload);
        if (bytes === undefined) throw new FetchFailed("damaged", "the payload is not base64");
        checkRangeReply(reply.output, file, offset, asked, () => reply.output.body ?? parseErrorBody(bytes));
        if (bytes.length !== asked) {
          throw new FetchFailed("damaged", `${bytes.length} bytes came instead of ${asked}`);
        }
        control.succeeded();
        return bytes;
      } catch (error) {
        const failure = error instanceof FetchFailed ? error : failureOfTransaction(error);
        if (failure?.reason === "timeout" || failure?.reason === "too-big") control.tooSlow();
        throw failure ?? error;
      }
    },
  };
}
