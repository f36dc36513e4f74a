import { CardError } from "../card-error.ts";
import { defineRequest, text } from "../request.ts";

/** How many Notes there are, in one notefile or all, and how many of them wait for a sync. */
export const fileStats = defineRequest({ file: text }, ({ file }, { flash: { notes, sync } }) => {
  const all = notes.notefiles();
  if (file !== undefined && !all.includes(file))
    throw new CardError(`no notefile: ${file} {notefile-noexist}`);
  const chosen = file === undefined ? all : [file];
  const total = chosen.reduce((sum, each) => sum + notes.list(each).length, 0);
  const changes = sync.waiting().notes.filter(({ notefile }) => chosen.includes(notefile)).length;
  return { json: { total, ...(changes === 0 ? {} : { changes, sync: true }) } };
});
