import { setTimeout as sleep } from "node:timers/promises";
import { ANNOUNCEMENT_NOTEFILE } from "../../protocol/notefiles.ts";
import { type AttnCommand, watchAttnPin } from "../link/notecard/attn-pin.ts";
import type { Notecard } from "../notecard/notecard.ts";
import { type Finding, look } from "./finding.ts";

/** Milliseconds that the command has to begin, and its line to come. */
const BEGIN_MS = 1_000;
const LINE_MS = 2_000;

/** Pulls the ATTN pin LOW and lets it go HIGH, which the command has to tell. The agent arms the pin again when it starts. */
export function examineAttn(notecard: Notecard, command: AttnCommand, signal: AbortSignal): Promise<Finding> {
  const advice =
    "check the wire from ATTN, the pin's number in attnCommand, and that no other program has the pin";
  return look("ATTN", advice, async () => {
    let complaint: string | undefined;
    const pin = watchAttnPin(command, ({ reason }) => {
      complaint ??= reason;
    });
    try {
      await notecard.request({ req: "card.attn", mode: "rearm,files", files: [ANNOUNCEMENT_NOTEFILE] });
      await sleep(BEGIN_MS, undefined, { signal });
      pin.clear();
      await notecard.request({ req: "card.attn", mode: "disarm" });
      const rose = await pin.rise(LINE_MS, signal);
      if (complaint !== undefined) throw new Error(complaint);
      if (!rose) throw new Error(`${command[0]} tells nothing when the pin rises`);
      return `${command[0]} tells when the pin rises`;
    } finally {
      await pin.stop();
    }
  });
}
