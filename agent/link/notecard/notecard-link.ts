import { RECEIPT_NOTEFILE } from "../../../protocol/notefiles.ts";
import { formatReceipt } from "../../../protocol/receipt.ts";
import { LineError } from "../../notecard/line-error.ts";
import type { Notecard } from "../../notecard/notecard.ts";
import { NotecardError } from "../../notecard/notecard-error.ts";
import { PortClosed } from "../../notecard/port.ts";
import { type Link, LinkDown } from "../link.ts";
import { createAnnouncementQueue } from "./announcement-queue.ts";
import type { AttnPin } from "./attn-pin.ts";
import { createConnection } from "./connection.ts";
import type { Door } from "./doors/door.ts";
import { createQueueWatch } from "./queue-watch.ts";

/** Receipts that may wait on the Notecard: a device that is offline for long must not fill its flash. */
const MAX_WAITING_RECEIPTS = 100;

/** What a Notecard says that will never take a receipt. Anything else, such as a full queue, may pass. */
const NEVER_TAKEN = ["not-supported", "incompatible", "syntax"];

export type NotecardLinkOptions = {
  /** Milliseconds between two looks at the Notecard, not the network. */
  pollMs: number;
  /** Milliseconds that it may take to connect. */
  connectMs: number;
  pin: AttnPin;
};

/** The link over a Notecard. */
export function createNotecardLink(notecard: Notecard, door: Door, options: NotecardLinkOptions): Link {
  const connection = createConnection(notecard, options);
  const queue = createAnnouncementQueue(notecard);
  const watch = createQueueWatch(notecard, options);

  return {
    list: () =>
      downOnSilence(async () => {
        await watch.arm();
        return queue.list();
      }),
    wait: (maxMs, signal) => downOnSilence(() => watch.wait(maxMs, signal)),
    fetch: (file, offset) =>
      downOnSilence(async () => {
        await connection.stayRaised();
        return door.fetch(file, offset);
      }),
    chunkBytes: door.chunkBytes,
    discard: (settled, signal) => downOnSilence(() => queue.discard(settled, signal)),
    report: (receipt) =>
      downOnSilence(async () => {
        const sync = await connection.hasSession();
        const note = { file: RECEIPT_NOTEFILE, body: formatReceipt(receipt), max: MAX_WAITING_RECEIPTS };
        try {
          await notecard.request({ req: "note.add", ...note, ...(sync ? { sync } : {}) });
          return true;
        } catch (error) {
          if (!(error instanceof NotecardError)) throw error;
          return NEVER_TAKEN.some((code) => error.has(code));
        }
      }),
    raise: (signal, waiting) => downOnSilence(() => connection.raise(signal, waiting)),
    lower: () => downOnSilence(connection.lower),
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
