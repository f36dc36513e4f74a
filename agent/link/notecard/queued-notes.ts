import { createHash } from "node:crypto";
import * as v from "valibot";
import { parseAnnouncement, parseGone } from "../../../protocol/announcement.ts";
import { PAYLOAD_MAX_BYTES } from "../../../protocol/limits.ts";
import type { QueuedNote } from "../link.ts";

const NoteChanges = v.object({
  notes: v.optional(
    v.record(
      v.string(),
      v.looseObject({
        body: v.optional(v.unknown()),
        payload: v.optional(v.unknown()),
        time: v.optional(v.unknown()),
      }),
    ),
    {},
  ),
  total: v.fallback(v.optional(v.number()), undefined),
});

/** A Note as the queue holds it; `digest` is its body's, to compare with what `note.get` shows. */
export type RawNote = QueuedNote & { digest: string; time: number | undefined };

/** A reply to `note.changes`. `total`: Notes in the queue, if the Notecard says so. */
export type QueuePage = { notes: RawNote[]; total: number | undefined };

/** `1:9` before `1:10`. `Intl.Collator` would do it, but loads 3 MB of languages. */
function byNumbers(a: string, b: string): number {
  const [first, second] = [sortable(a), sortable(b)];
  return first < second ? -1 : Number(first > second);
}

function sortable(id: string): string {
  return id.replaceAll(/\d+/g, (digits) => digits.padStart(16, "0"));
}

/** An id that is longer than any Notecard's own is kept as its digest, since thousands of them are remembered. */
const LONGEST_ID_CHARS = 64;

/** Reads a reply to `note.changes`; undefined if it is none. */
export function readNoteChanges(reply: unknown): QueuePage | undefined {
  const parsed = v.safeParse(NoteChanges, reply);
  if (!parsed.success) return undefined;
  const notes = Object.entries(parsed.output.notes).map(([id, note]) => {
    const time = typeof note.time === "number" && Number.isFinite(note.time) ? note.time : undefined;
    // A Notecard that was reset counts from 1 again: the time tells its Notes from those that had their ids before.
    const read = rawNote(`${id.length > LONGEST_ID_CHARS ? digestOf(id) : id}@${time}`, note.body, time);
    const payload = read.announcement?.b === undefined ? undefined : readPayload(note.payload);
    return payload === undefined ? read : { ...read, payload };
  });
  return { notes, total: parsed.output.total };
}

/**
 * Puts Notes into the order in which they were queued: by when they were added, then by the counter in their ids (`1:9`
 * before `1:10`). Nobody promises an order of the members of `notes`.
 */
export function inOrder(notes: readonly RawNote[]): RawNote[] {
  const timed = notes.every(({ time }) => time !== undefined);
  return notes.toSorted((a, b) => {
    const elapsed = timed ? (a.time ?? 0) - (b.time ?? 0) : 0;
    return elapsed === 0 ? byNumbers(a.id, b.id) : elapsed;
  });
}

/** A Note without a body has the empty one: the two ways to read it differ in that. */
export function rawNote(id: string, body: unknown, time?: number): RawNote {
  const note = { id, digest: digestOf(textOf(body ?? {})), time };
  const gone = parseGone(body);
  if (gone !== undefined) return { ...note, gone };
  const announcement = parseAnnouncement(body);
  return announcement === undefined ? note : { ...note, announcement };
}

/** Undefined if it is none that an announcement can have: it then counts for nothing. [NF-10.2] */
function readPayload(text: unknown): Buffer | undefined {
  if (typeof text !== "string" || text.length > PAYLOAD_MAX_BYTES * 2) return undefined;
  const payload = Buffer.from(text, "base64");
  const exact = payload.length > 0 && payload.toString("base64") === text; // Node skips what is not base64
  return exact && payload.length <= PAYLOAD_MAX_BYTES ? payload : undefined;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** The text that tells a body apart. One that is nested too deep to be written was never ours, and must not end the agent. */
function textOf(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch {
    return "too deep";
  }
}
