import * as v from "valibot";
import { encodeCobs } from "../../../../agent/notecard/cobs.ts";
import { BINARY_MAX_BYTES, cobsLength, md5 } from "../binary-buffer.ts";
import { CardError } from "../card-error.ts";
import { countOrNone, defineRequest, flag } from "../request.ts";

/** What the binary buffer holds. `reset` is undocumented; note-c and note-cli send it. */
export const cardBinary = defineRequest({ delete: flag, reset: flag }, (fields, { binary, connection }) => {
  if (fields.delete || fields.reset) binary.clear();
  const bytes = binary.bytes();
  return {
    json: {
      ...(connection.connected() ? { connected: true } : {}),
      max: BINARY_MAX_BYTES,
      ...(bytes.length === 0 ? {} : { status: md5(bytes), length: bytes.length, cobs: cobsLength(bytes) }),
      ...(binary.spoilt() ? { err: "the last packet was not as announced {bad-bin}" } : {}),
    },
  };
});

/** Part of the buffer, as a COBS packet after the reply. Without a length, all from the offset on. */
export const cardBinaryGet = defineRequest(
  { offset: countOrNone, length: countOrNone, cobs: countOrNone },
  (fields, { binary }) => {
    const { offset = 0 } = fields;
    const length = fields.length ?? binary.bytes().length - offset;
    const slice = binary.slice(offset, length);
    const packet = encodeCobs(slice);
    return { json: { status: md5(slice), length, cobs: packet.length }, packet };
  },
);

/** Announces a packet, which the host sends once it has the reply. What it does not say of the packet is not checked. */
export const cardBinaryPut = defineRequest(
  {
    cobs: countOrNone,
    status: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/i, "is not an MD5"))),
    offset: countOrNone,
  },
  ({ cobs, status, offset = 0 }, { binary }) => {
    if (offset > binary.bytes().length) throw new CardError("offset is past the end of the data {bad-bin}");
    if (cobs !== undefined && offset + cobs - 1 - Math.floor(cobs / 255) > BINARY_MAX_BYTES) {
      throw new CardError(`the binary buffer holds at most ${BINARY_MAX_BYTES} bytes {too-big}`);
    }
    return { json: {}, expects: { cobs, take: (packet) => binary.put(packet, { cobs, status, offset }) } };
  },
);
