import * as v from "valibot";
import { CardError } from "../card-error.ts";
import { defineRequest } from "../request.ts";

/** Deletes notefiles and their Notes, also those that were to go out. */
export const fileDelete = defineRequest(
  { files: v.pipe(v.array(v.string()), v.nonEmpty()) },
  ({ files }, { flash: { notes } }) => {
    const known = notes.notefiles();
    for (const file of files) notes.drop(file);
    const unknown = files.find((file) => !known.includes(file));
    if (unknown !== undefined) throw new CardError(`no notefile: ${unknown} {notefile-noexist}`);
    return { json: {} };
  },
);
