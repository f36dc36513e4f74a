import * as v from "valibot";
import { defineRequest, text } from "../request.ts";
import { openTrackers } from "../trackers.ts";

/** How many Notes each notefile holds, and with a tracker how many of them it has not shown. */
export const fileChanges = defineRequest(
  { files: v.optional(v.array(v.string())), tracker: text },
  ({ files, tracker }, { flash: { notes: stored, settings } }) => {
    const trackers = openTrackers(settings);
    const known = stored.notefiles().filter((file) => files === undefined || files.includes(file));
    const info = known.map((file) => {
      const notes = stored.list(file);
      const seen = tracker === undefined ? 0 : trackers.get(tracker, file);
      return { file, total: notes.length, changes: notes.filter(({ seq }) => seq > seen).length };
    });
    return { json: { ...summary(info, tracker !== undefined) } };
  },
);

/** As `file.changes`, of Notes that have not reached Notehub. */
export const fileChangesPending = defineRequest({}, (_fields, { flash }) => {
  const counts = new Map<string, number>();
  for (const { notefile } of flash.sync.waiting().notes) {
    counts.set(notefile, (counts.get(notefile) ?? 0) + 1);
  }
  if (counts.size === 0) return { json: {} };
  const info = [...counts].map(([file, total]) => ({ file, total, changes: total }));
  return { json: { ...summary(info, true), pending: true } };
});

type FileInfo = { file: string; total: number; changes: number };

function summary(info: FileInfo[], withChanges: boolean) {
  const sum = (of: (entry: FileInfo) => number) => info.reduce((total, entry) => total + of(entry), 0);
  return {
    total: sum(({ total }) => total),
    ...(withChanges ? { changes: sum(({ changes }) => changes) } : {}),
    info: Object.fromEntries(info.map(({ file, total, changes }) => [file, { changes, total }])),
  };
}
