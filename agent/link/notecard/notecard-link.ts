import * as v from "valibot";
import { RECEIPT_NOTEFILE } from "../../../protocol/notefiles.ts";
import { LineError } from "../../notecard/line-error.ts";
import type { Notecard } from "../../notecard/notecard.ts";
import { NotecardError } from "../../notecard/notecard-error.ts";
import { PortClosed } from "../../notecard/port.ts";
import { type Link, LinkDown } from "../link.ts";
import { bodyOf } from "../report-body.ts";
import { untilEither } from "../until-either.ts";
import { createAnnouncementQueue } from "./announcement-queue.ts";
import type { AttnPin } from "./attn-pin.ts";
import { createConnection } from "./connection.ts";
import type { Door } from "./doors/door.ts";
import { createFleetVariables } from "./fleet-variables.ts";
import { createQueueWatch } from "./queue-watch.ts";

/** Receipts that may wait on the Notecard: a device that is offline for long must not fill its flash. */
const MAX_WAITING_RECEIPTS = 100;

const CardTime = v.looseObject({ time: v.optional(v.pipe(v.number(), v.safeInteger()), 0) });
const HubGet = v.looseObject({ device: v.pipe(v.string(), v.nonEmpty()) });

/** What a Notecard says if it will never take a receipt. Anything else, such as a full queue, may pass. */
const NEVER_TAKEN = ["not-supported", "incompatible", "syntax"];

export type NotecardLinkOptions = {
  /** Milliseconds between two looks at the Notecard, not the network. */
  pollMs: number;
  /** Milliseconds that it may take to connect. */
  connectMs: number;
  pin: AttnPin;
  /** Tells one deployment's variables from another's. */
  stage?: string | undefined;
};

/** The link over a Notecard. */
export function createNotecardLink(notecard: Notecard, door: Door, options: NotecardLinkOptions): Link {
  const connection = createConnection(notecard, options);
  const queue = createAnnouncementQueue(notecard);
  const variables = createFleetVariables(notecard, options.stage);
  const watch = createQueueWatch(notecard, { ...options, variables });
  const closing = new AbortController();
  let mayHaveChanged = true;

  async function arm(): Promise<void> {
    if (await watch.arm()) mayHaveChanged = true;
  }

  return {
    hearsAllManifests: true,
    device: () => downOnSilence(() => readDevice(notecard)),
    list: () =>
      downOnSilence(async () => {
        await arm();
        return queue.list();
      }),
    manifests: () =>
      downOnSilence(async () => {
        await arm();
        const announced = await variables.read(mayHaveChanged);
        mayHaveChanged = false;
        return announced;
      }),
    wait: (maxMs, signal) =>
      downOnSilence(async () => {
        await untilEither(signal, closing.signal, (either) => watch.wait(maxMs, either));
        closing.signal.throwIfAborted();
      }),
    fetch: (file, offset) =>
      downOnSilence(async () => {
        await connection.stayRaised();
        return door.fetch(file, offset);
      }),
    chunkBytes: door.chunkBytes,
    discard: (settled, signal) => downOnSilence(() => queue.discard(settled, signal)),
    now: () => downOnSilence(() => readTime(notecard)),
    report: (report) =>
      downOnSilence(async () => {
        const note = { file: RECEIPT_NOTEFILE, body: bodyOf(report), max: MAX_WAITING_RECEIPTS };
        try {
          await notecard.request({ req: "note.add", ...note });
          if (await connection.hasSession()) await sendNow(notecard);
          return true;
        } catch (error) {
          if (!(error instanceof NotecardError)) throw error;
          return NEVER_TAKEN.some((code) => error.has(code));
        }
      }),
    raise: (signal, waiting) =>
      downOnSilence(() => untilEither(signal, closing.signal, (either) => connection.raise(either, waiting))),
    lower: () => {
      door.deliveryEnded?.();
      return downOnSilence(connection.lower);
    },
    async close() {
      closing.abort(new LinkDown("the link was closed"));
      await notecard.close();
    },
  };
}

async function readDevice(notecard: Notecard): Promise<string> {
  const reply = v.safeParse(HubGet, await notecard.request({ req: "hub.get" }));
  if (!reply.success) throw new LineError("garbled", "hub.get tells no device");
  return reply.output.device;
}

/** With `max`, `sync` of note.add waits until so many Notes are queued. What was queued leaves in time if this fails. */
async function sendNow(notecard: Notecard): Promise<void> {
  try {
    await notecard.request({ req: "hub.sync", out: true });
  } catch (error) {
    if (!(error instanceof NotecardError)) throw error;
  }
}

/** A Notecard knows no time until it has connected once; one that cannot be asked leaves the host's clock. */
async function readTime(notecard: Notecard): Promise<number | undefined> {
  try {
    const reply = v.safeParse(CardTime, await notecard.request({ req: "card.time" }));
    return reply.success && reply.output.time > 0 ? reply.output.time : undefined;
  } catch (error) {
    if (!(error instanceof NotecardError)) throw error;
    return error.has("not-supported") ? Math.floor(Date.now() / 1000) : undefined;
  }
}

/** A Notecard that does not answer, or not with sense, makes the agent begin again on a new line. */
export async function downOnSilence<Result>(task: () => Promise<Result>): Promise<Result> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof PortClosed || error instanceof LineError || error instanceof NotecardError) {
      throw new LinkDown(error.message, { cause: error });
    }
    throw error;
  }
}
