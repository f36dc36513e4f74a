import * as v from "valibot";
import { jsonObject } from "../../note/json-object.ts";
import { notefileKind } from "../../note/note.ts";
import { CardError } from "../card-error.ts";
import { defineRequest, flag, integer, required, text } from "../request.ts";
import { openTemplates, recordBytes } from "../templates.ts";

/**
 * Sets a notefile's template, tells it (`verify`), or with nothing but the file takes it away. Notes are held to it, and
 * travel as JSON all the same.
 */
export const noteTemplate = defineRequest(
  {
    file: required,
    body: v.optional(jsonObject),
    length: v.optional(v.pipe(v.number(), v.integer(), v.minValue(-1))),
    ...{ format: text, port: integer, verify: flag, delete: flag },
  },
  ({ file, body, length, format, port, verify, delete: forget }, { flash }) => {
    const kind = notefileKind(file);
    if (kind === undefined || kind === "inbound") {
      throw new CardError(`no template for ${file} {notefile-bad-name}`);
    }
    const templates = openTemplates(flash.settings);
    if (verify) {
      const template = templates.get(file);
      if (template === undefined) return { json: {} };
      const { delete: deletes, ...members } = template;
      const told = { ...members, ...(deletes === true ? { delete: true } : {}) };
      return { json: { ...told, bytes: recordBytes(template), template: true } };
    }
    const template = { body, length, format, port, delete: forget };
    const given = body !== undefined || (length ?? -1) >= 0;
    templates.set(file, given ? template : undefined);
    return { json: given ? { bytes: recordBytes(template), format } : {} };
  },
);
