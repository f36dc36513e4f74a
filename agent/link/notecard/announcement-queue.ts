import { ANNOUNCEMENT_NOTEFILE } from "../../../protocol/notefiles.ts";
import { LineError, type LineErrorCode } from "../../notecard/line-error.ts";
import type { Notecard } from "../../notecard/notecard.ts";
import { NotecardError } from "../../notecard/notecard-error.ts";
import type { Reply } from "../../notecard/reply.ts";
import type { QueuedNote } from "../link.ts";
import { inOrder, type QueuePage, type RawNote, rawNote, readNoteChanges } from "./queued-notes.ts";

/** Notes of one reply: 32 full announcements are 11 kB, as much as the largest reply to `web.get`, 12 s at 9600 baud. */
const PAGE_NOTES = [32, 8, 2, 1] as const;

/**
 * How many Notes one listing looks at: more than a Notecard's flash is made for, and no more memory than we can spare. A longer
 * queue shows its oldest, and the others as those are deleted.
 */
export const MAX_LISTED_NOTES = 4_096;

/** The change tracker's name on the Notecard. */
const TRACKER = "noteferry";

const SMALLER_MAY_DO: ReadonlySet<LineErrorCode> = new Set(["garbled", "too-long", "cut-off"]);

/** `whole`: these are all, as far as the Notecard tells. */
type Listing = { notes: RawNote[]; whole: boolean };

/** The announcement queue of a Notecard. */
export type AnnouncementQueue = {
  /** Lists every Note, oldest first, or what a Notecard shows that does not page. */
  list(): Promise<QueuedNote[]>;
  /**
   * Deletes Notes from the old end while they are settled, and until `signal` aborts.
   *
   * @returns ids of what was deleted.
   */
  discard(settled: ReadonlySet<string>, signal?: AbortSignal): Promise<string[]>;
};

/**
 * A queue that fits into one reply is read by one request, which changes nothing. A longer one needs a change tracker, the
 * only way to page. Each listing begins it anew and deletes it afterwards, so that none is left on the Notecard; the next
 * agent takes over one that a killed agent left.
 */
export function createAnnouncementQueue(notecard: Notecard): AnnouncementQueue {
  /** Undefined if there is no queue. */
  async function page(max: number, tracking = {}): Promise<QueuePage | undefined> {
    const request = { req: "note.changes", file: ANNOUNCEMENT_NOTEFILE, max, ...tracking };
    const reply = await unlessEmpty(notecard.request(request));
    if (reply === undefined) return undefined;
    const read = readNoteChanges(reply);
    if (read === undefined) throw new LineError("garbled", "the reply to note.changes lists no Notes");
    return read;
  }

  async function readFront(max: number): Promise<Listing> {
    const { notes, total } = (await page(max)) ?? { notes: [], total: 0 };
    return { notes, whole: notes.length >= (total ?? (notes.length < max ? 0 : Number.POSITIVE_INFINITY)) };
  }

  async function readAll(max: number): Promise<RawNote[]> {
    const front = await readFront(max);
    if (front.whole) return front.notes;
    const paged = await readTracked(max);
    if (paged === undefined || paged.whole) return paged?.notes ?? front.notes;
    // A page may have been lost on its way: read once more, then go by what there is.
    const again = (await readTracked(max)) ?? front;
    return again.notes.length >= paged.notes.length ? again.notes : paged.notes;
  }

  /** Undefined if the Notecard refuses to track. */
  async function readTracked(max: number): Promise<Listing | undefined> {
    const notes = new Map<string, RawNote>();
    let total = 0;
    try {
      for (let start = true; notes.size < MAX_LISTED_NOTES; start = false) {
        const read = await page(max, { tracker: TRACKER, start: start || undefined });
        const before = notes.size;
        for (const note of read?.notes ?? []) notes.set(note.id, note);
        total = read?.total ?? 0;
        // This is the end, or the Notecard shows the same again and again.
        if (notes.size === before || (total > 0 && notes.size >= total)) break;
      }
    } catch (error) {
      if (!(error instanceof NotecardError)) throw error;
      return undefined;
    } finally {
      await page(1, { tracker: TRACKER, stop: true }).catch(leaveIt);
    }
    return { notes: [...notes.values()], whole: notes.size >= Math.min(MAX_LISTED_NOTES, total) };
  }

  async function oldest(): Promise<RawNote | undefined> {
    const reply = await unlessEmpty(notecard.request({ req: "note.get", file: ANNOUNCEMENT_NOTEFILE }));
    if (reply === undefined) return undefined;
    const note = rawNote("", reply.body);
    return { ...note, id: `head:${note.digest}` };
  }

  /** The oldest alone, of a Notecard that cannot list. */
  async function head(): Promise<RawNote[]> {
    const note = await oldest();
    return note === undefined ? [] : [note];
  }

  return {
    async list() {
      const notes = await byPages(readAll, head);
      return inOrder(notes).map(({ digest: _, time: __, ...note }) => note);
    },
    async discard(settled, signal) {
      const deleted: string[] = [];
      while (!signal?.aborted) {
        const front = await byPages(readFront, async () => ({ notes: await head(), whole: false }));
        const waiting = front.notes.filter(({ id }) => settled.has(id) && !deleted.includes(id));
        if (waiting.length === 0) return deleted;
        while (waiting.length > 0 && !signal?.aborted) {
          // A queue gives up only its oldest, which is looked at first: what goes must be what was settled. [NF-9.5]
          const digest = (await oldest())?.digest;
          const at = waiting.findIndex((note) => note.digest === digest);
          const [note] = at < 0 ? [] : waiting.splice(at, 1);
          if (note === undefined) return deleted;
          await notecard.request(
            { req: "note.get", file: ANNOUNCEMENT_NOTEFILE, delete: true },
            { retries: 0 }, // executed twice it would delete a Note that nobody has read
          );
          deleted.push(note.id);
        }
        if (front.whole) return deleted;
      }
      return deleted;
    },
  };
}

/** Reads by pages, and by smaller ones where a reply is too long or makes no sense. */
async function byPages<Result>(
  read: (max: number) => Promise<Result>,
  unreadable: () => Promise<Result>,
): Promise<Result> {
  for (const max of PAGE_NOTES) {
    try {
      return await read(max);
    } catch (error) {
      if (!(error instanceof LineError) || !SMALLER_MAY_DO.has(error.code)) throw error;
    }
  }
  return unreadable();
}

/** Undefined where the Notecard says that the queue, or its file, is not there. */
async function unlessEmpty(reply: Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof NotecardError && (error.has("note-noexist") || error.has("notefile-noexist"))) {
      return undefined;
    }
    throw error;
  }
}

/** The next listing takes over a tracker that could not be deleted. */
function leaveIt(error: unknown): void {
  if (!(error instanceof NotecardError || error instanceof LineError)) throw error;
}
