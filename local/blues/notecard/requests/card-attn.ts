import * as v from "valibot";
import type { Attention } from "../attention.ts";
import { CardError } from "../card-error.ts";
import { countOrNone, defineRequest, flag, text } from "../request.ts";

const KEYWORDS =
  /^(arm|auxgpio|connected|disarm|env|files|location|motion|motionchange|rearm|signal|sleep|usb|watchdog|wireless|-all|-env|-files|-location|-motion|-usb)$/;

// `.qis` and `.dbx` cannot be watched: notecard-schema, `card.attn` request.
const WATCHABLE = /^.+\.(qo|qi|db|dbs)$/;

/** Arms, rearms or disarms the ATTN pin; without a mode it asks what has happened. */
export const cardAttn = defineRequest(
  {
    mode: text,
    files: v.optional(v.array(v.pipe(v.string(), v.regex(WATCHABLE, "cannot be watched")))),
    seconds: countOrNone,
    payload: text,
    start: flag,
    on: flag,
    off: flag,
    verify: flag,
  },
  (fields, card) => {
    const { attention } = card;
    if (fields.on || fields.off) attention.enable(!fields.off);
    const modes = (fields.mode ?? "")
      .split(",")
      .map((mode) => mode.trim())
      .filter((mode) => mode !== "");
    const unknown = modes.find((mode) => !KEYWORDS.test(mode));
    if (unknown !== undefined) throw new CardError(`unknown mode: ${unknown} {incompatible}`);

    attention.watch(
      modes.filter((mode) => !["arm", "rearm", "disarm"].includes(mode)),
      fields.files,
    );
    if (modes.includes("disarm")) attention.disarm();
    if (modes.includes("arm") || modes.includes("sleep")) attention.arm(fields.seconds ?? 0);
    else if (modes.includes("rearm")) attention.rearm(fields.seconds ?? 0);
    if (modes.includes("sleep") && fields.payload !== undefined) {
      card.kept = { payload: fields.payload, time: card.now() };
    }
    if (fields.verify) return { json: verified(attention) };
    if (fields.start) return { json: { ...attention.read(), ...takeKept(card) } };
    return { json: modes.length > 0 ? {} : attention.read() };
  },
);

/**
 * `verify` "returns the current attention mode configuration, if any": nothing more is documented, not even a member.
 */
function verified({ read, watchedFiles }: Attention) {
  const files = watchedFiles();
  return { ...read(), ...(files.length === 0 ? {} : { files }) };
}

function takeKept(card: { kept: { payload: string; time: number } | undefined }) {
  const { kept } = card;
  card.kept = undefined;
  return kept;
}
