import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { ANNOUNCEMENT_NOTEFILE } from "../../protocol/limits.ts";
import { LineError } from "../notecard/line-error.ts";
import type { Notecard } from "../notecard/notecard.ts";
import { NotecardError } from "../notecard/notecard-error.ts";
import { PortClosed } from "../notecard/port.ts";
import type { Door } from "./door.ts";
import { createHubMode } from "./hub-mode.ts";
import { type Link, LinkDown } from "./link.ts";
import { type RawNote, rawNote, readNoteChanges } from "./queued-notes.ts";

/** The outbound queue of receipts. */
const RECEIPT_NOTEFILE = "file-status.qo";

/** Receipts that may wait on the Notecard: a device that is offline for long must not fill its flash. */
const MAX_WAITING_RECEIPTS = 100;

const Attention = v.looseObject({
  files: v.optional(v.array(v.string()), []),
  set: v.optional(v.boolean(), false),
});

/** The link over a Notecard. `pollMs`: how often the Notecard, not the network, is asked whether a Note has come. */
export function createNotecardLink(notecard: Notecard, door: Door, options: { pollMs: number }): Link {
  const hubMode = createHubMode(notecard);
  let armed = false;

  /** Arming comes before listing: a Note that arrives in between is in the list or fires, or both. */
  async function arm(): Promise<void> {
    if (armed) return;
    await unlessRefused(
      notecard.request({ req: "card.attn", mode: "rearm,files", files: [ANNOUNCEMENT_NOTEFILE] }),
    );
    armed = true;
  }

  /** True as well for a Notecard that cannot tell: then the queue itself has to be looked at. */
  async function fired(): Promise<boolean> {
    const parsed = v.safeParse(Attention, await unlessRefused(notecard.request({ req: "card.attn" })));
    if (!parsed.success || parsed.output.off) return true;
    return parsed.output.set || parsed.output.files.includes(ANNOUNCEMENT_NOTEFILE);
  }

  async function queue(): Promise<RawNote[]> {
    const reply = await unlessEmpty(notecard.request({ req: "note.changes", file: ANNOUNCEMENT_NOTEFILE }));
    if (reply === undefined) return [];
    const notes = readNoteChanges(reply);
    if (notes !== undefined) return notes;
    const head = await oldest(); // a Notecard that cannot list can still show one
    return head === undefined ? [] : [head];
  }

  async function oldest(): Promise<RawNote | undefined> {
    const reply = await unlessEmpty(notecard.request({ req: "note.get", file: ANNOUNCEMENT_NOTEFILE }));
    return reply === undefined ? undefined : rawNote(JSON.stringify(reply.body ?? {}), reply.body);
  }

  return {
    async list() {
      return downOnSilence(async () => {
        await arm();
        return queue();
      });
    },
    async wait(maxMs, signal) {
      const end = performance.now() + maxMs;
      while (performance.now() < end && !signal.aborted) {
        const pause = Math.min(options.pollMs, Math.max(0, end - performance.now()));
        await sleep(pause, undefined, { signal }).catch(() => undefined);
        if (signal.aborted || !(await downOnSilence(fired))) continue;
        armed = false;
        return;
      }
    },
    fetch: (file, offset) =>
      downOnSilence(async () => {
        await hubMode.stayRaised();
        return door.fetch(file, offset);
      }),
    chunkBytes: door.chunkBytes,
    discard: (settled) =>
      downOnSilence(async () => {
        const deleted: string[] = [];
        const waiting = (await queue()).filter(({ id }) => settled.has(id));
        for (;;) {
          // A queue gives up its oldest only. It is looked at before: what goes must be what was settled. [NF-9.5]
          const text = (await oldest())?.text;
          const at = waiting.findIndex((note) => note.text === text);
          const [note] = at < 0 ? [] : waiting.splice(at, 1);
          if (note === undefined) break;
          await notecard.request(
            { req: "note.get", file: ANNOUNCEMENT_NOTEFILE, delete: true },
            { retries: 0 }, // executed twice it would delete a Note that nobody has read
          );
          deleted.push(note.id);
        }
        return deleted;
      }),
    report: (receipt) =>
      downOnSilence(async () => {
        const sync = await hubMode.connects();
        await unlessRefused(
          notecard.request({
            req: "note.add",
            file: RECEIPT_NOTEFILE,
            body: receipt,
            max: MAX_WAITING_RECEIPTS,
            ...(sync ? { sync } : {}),
          }),
        );
      }),
    raise: () => downOnSilence(hubMode.raise),
    lower: () => downOnSilence(hubMode.lower),
    close: () => notecard.close(),
  };
}

/** A Notecard that does not answer, or not with sense, makes the agent begin again on a new line. */
async function downOnSilence<Result>(task: () => Promise<Result>): Promise<Result> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof PortClosed || error instanceof LineError || error instanceof NotecardError) {
      throw new LinkDown(error.message, { cause: error });
    }
    throw error;
  }
}

/** Undefined where the Notecard says that the queue, or its file, is not there. */
async function unlessEmpty<Result>(reply: Promise<Result>): Promise<Result | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof NotecardError && (error.has("note-noexist") || error.has("notefile-noexist"))) {
      return undefined;
    }
    throw error;
  }
}

/** Undefined where the Notecard refuses: what was asked is a convenience. */
async function unlessRefused<Result>(reply: Promise<Result>): Promise<Result | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof NotecardError) return undefined;
    throw error;
  }
}
