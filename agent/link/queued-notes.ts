import * as v from "valibot";
import { parseAnnouncement } from "../../protocol/announcement.ts";
import type { QueuedNote } from "./link.ts";

const NoteChanges = v.object({
  notes: v.optional(
    v.record(v.string(), v.looseObject({ body: v.optional(v.unknown()), time: v.optional(v.unknown()) })),
    {},
  ),
});

/** A Note as the queue holds it; `text` is its body, to compare with what `note.get` shows. */
export type RawNote = QueuedNote & { text: string };

const byNumbers = new Intl.Collator("en", { numeric: true });

/**
 * Reads a reply to `note.changes`, oldest Note first; undefined if it is none. The members of `notes` have no order that
 * anyone promises: they are put in order by when they were added, then by the counter in their ids (`1:9` before `1:10`).
 */
export function readNoteChanges(reply: unknown): RawNote[] | undefined {
  const parsed = v.safeParse(NoteChanges, reply);
  if (!parsed.success) return undefined;
  const notes = Object.entries(parsed.output.notes).map(([id, { body, time }]) => ({
    // A Notecard that was reset counts from 1 again: the time tells its Notes from those that had their ids before.
    note: rawNote(`${id}@${String(time)}`, body),
    time: typeof time === "number" && Number.isFinite(time) ? time : undefined,
  }));
  const timed = notes.every(({ time }) => time !== undefined);
  return notes
    .toSorted((a, b) => {
      const elapsed = timed ? (a.time ?? 0) - (b.time ?? 0) : 0;
      return elapsed === 0 ? byNumbers.compare(a.note.id, b.note.id) : elapsed;
    })
    .map(({ note }) => note);
}

/** A Note without a body has the empty one: the two ways to read it differ in that. */
export function rawNote(id: string, body: unknown): RawNote {
  const announcement = parseAnnouncement(body);
  const text = textOf(body ?? {});
  return announcement === undefined ? { id, text } : { id, text, announcement };
}

/** Told apart by its text. What is nested too deep to be written again was never ours: it must not end the agent. */
function textOf(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch {
    return "too deep";
  }
}
