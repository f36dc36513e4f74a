import type { AttnEnded } from "../../events/agent-event.ts";
import { createNotecard } from "../../notecard/notecard.ts";
import { type NotecardAddress, openPort } from "../../notecard/open-port.ts";
import type { Link, Links } from "../link.ts";
import { type AttnCommand, type AttnPin, NO_PIN, watchAttnPin } from "./attn-pin.ts";
import { configureHub, type HubWish } from "./configure-hub.ts";
import { chooseDoor, type FetchWay } from "./doors/choose-door.ts";
import { createNotecardLink, downOnSilence } from "./notecard-link.ts";

/** Seconds that one request over the radio may take. */
const REQUEST_SECONDS = 60;

export type NotecardLinkSettings = HubWish & {
  notecard: NotecardAddress;
  /** Alias of the proxy route in Notehub. */
  route: string;
  fetch: FetchWay;
  /** Bytes of file per request of the JSON way. */
  chunkSize: number;
  /** Milliseconds between two looks at the Notecard. */
  pollMs: number;
  /** Milliseconds that the Notecard may take to connect before a delivery is put off. */
  connectMs: number;
  /** That of the deployment whose fleets' variables are heard. */
  stage?: string | undefined;
};

/**
 * Links over one Notecard. The program that tells of its ATTN pin runs from now on until `stop`, across links.
 *
 * @param tell told when that program ends
 */
export function createNotecardLinks(
  settings: NotecardLinkSettings & { notecardText: string; attnCommand?: AttnCommand | undefined },
  tell: (event: AttnEnded) => void,
): Links {
  const { attnCommand, notecardText } = settings;
  const watch = attnCommand === undefined ? undefined : watchAttnPin(attnCommand, tell);
  return {
    address: notecardText,
    open: (signal) => openNotecardLink(settings, watch ?? NO_PIN, signal),
    stop: async () => watch?.stop(),
  };
}

/**
 * Opens the line to a Notecard, sets on it what is wished for, and finds out how it can fetch.
 *
 * @throws {LinkDown} if no Notecard answers there, or none that makes sense; the signal's reason.
 */
export async function openNotecardLink(
  settings: NotecardLinkSettings,
  pin: AttnPin,
  signal: AbortSignal,
): Promise<Link> {
  try {
    return await downOnSilence(() => openLink(settings, pin, signal));
  } catch (error) {
    signal.throwIfAborted(); // the reason itself, not what came of it
    throw error;
  }
}

async function openLink(settings: NotecardLinkSettings, pin: AttnPin, signal: AbortSignal): Promise<Link> {
  const { route, chunkSize, pollMs, connectMs, stage } = settings;
  const port = await openPort(settings.notecard, signal);
  const giveUp = () => void port.close(); // what waits for the Notecard then waits no longer
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    signal.throwIfAborted();
    const notecard = createNotecard(port);
    await configureHub(notecard, settings);
    const door = await chooseDoor(notecard, settings.fetch, { route, chunkSize, seconds: REQUEST_SECONDS });
    return createNotecardLink(notecard, door, { pollMs, connectMs, pin, stage });
  } catch (error) {
    await port.close();
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
