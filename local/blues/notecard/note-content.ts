import * as v from "valibot";
import { type JsonObject, jsonObject } from "../note/json-object.ts";
import type { NoteContent } from "../note/note.ts";
import { CardError } from "./card-error.ts";

/** Bytes of a Note's payload: notecard-schema, `note.add` request. */
const PAYLOAD_MAX_BYTES = 256;

/** The fields of a request that carries a Note. */
export const noteFields = {
  body: v.optional(jsonObject),
  payload: v.optional(v.pipe(v.string(), v.base64("is not base64"))),
};

/** @throws {CardError} for a Note with nothing in it, or with too much. */
export function contentOf(body: JsonObject | undefined, payload: string | undefined): NoteContent {
  if (body === undefined && payload === undefined) throw new CardError("neither body nor payload {syntax}");
  if (Buffer.byteLength(payload ?? "", "base64") > PAYLOAD_MAX_BYTES) {
    throw new CardError(`payload too large, ${PAYLOAD_MAX_BYTES} bytes at most {too-big}`);
  }
  return { body, payload };
}
