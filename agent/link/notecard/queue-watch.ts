import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { ANNOUNCEMENT_NOTEFILE } from "../../../protocol/notefiles.ts";
import type { Notecard } from "../../notecard/notecard.ts";
import { NotecardError } from "../../notecard/notecard-error.ts";
import type { Reply } from "../../notecard/reply.ts";
import type { AttnPin } from "./attn-pin.ts";
import type { FleetVariables } from "./fleet-variables.ts";

const Attention = v.looseObject({
  files: v.optional(v.array(v.string()), []),
  set: v.optional(v.boolean(), false),
});

/** How many notefiles of others keep their watch: nobody sets more by hand. */
const MAX_OTHER_FILES = 20;

/** What `card.attn` can watch; its reply also names other causes, as `modified` or `env`. */
const WATCHABLE = /^[^\s]{1,63}\.(?:qo|qi|db|dbs)$/;

/** What `card.attn` calls a change of environment variables, as a mode and as a cause. */
const VARIABLES = "env";

/** Tells when the announcement queue may have grown, or a variable may have changed, by `card.attn`. */
export type QueueWatch = {
  /**
   * To be called before the queue and the variables are read, so that what arrives in between is in what is read, or told of, or both.
   *
   * @returns true if it was armed anew: something may have happened.
   */
  arm(): Promise<boolean>;
  /** Returns when there may be something new since `arm`, after `maxMs`, or when `signal` aborts. */
  wait(maxMs: number, signal: AbortSignal): Promise<void>;
};

/** @param options `pollMs`: between two looks at the Notecard, where nothing tells of its ATTN pin. */
export function createQueueWatch(
  notecard: Notecard,
  { pin, pollMs, variables }: { pin: AttnPin; pollMs: number; variables: Pick<FleetVariables, "changed"> },
): QueueWatch {
  let armed = false;
  /** False for a firmware that knows no such mode: it is asked about variables by themselves. */
  let tellsVariables = true;
  let others: string[] | undefined;
  let wokenAt = Number.NEGATIVE_INFINITY;

  /**
   * Notefiles that somebody else has watched, which `rearm` would forget. What a reply to `verify` holds is not documented
   * beyond "the current attention mode configuration"; whatever notefile it names is a watched one.
   */
  async function findOthers(): Promise<string[]> {
    const reply = v.safeParse(
      Attention,
      await unlessRefused(notecard.request({ req: "card.attn", verify: true })),
    );
    if (!reply.success) return [];
    const others = reply.output.files.filter(
      (file) => file !== ANNOUNCEMENT_NOTEFILE && WATCHABLE.test(file),
    );
    return [...new Set(others)].slice(0, MAX_OTHER_FILES);
  }

  /** True as well for a Notecard that cannot tell: then the queue itself has to be looked at. */
  async function fired(): Promise<boolean> {
    const parsed = v.safeParse(Attention, await unlessRefused(notecard.request({ req: "card.attn" })));
    if (!parsed.success || parsed.output.off) return true;
    const { set, files } = parsed.output;
    if (set || files.includes(ANNOUNCEMENT_NOTEFILE) || files.includes(VARIABLES)) return true;
    return !tellsVariables && (await variables.changed());
  }

  async function rearm(files: string[]): Promise<void> {
    const watch = (modes: string) =>
      unlessRefused(notecard.request({ req: "card.attn", mode: modes, files }));
    if (tellsVariables && (await watch(`rearm,files,${VARIABLES}`)) !== undefined) return;
    tellsVariables = false;
    await watch("rearm,files");
  }

  return {
    async arm() {
      if (armed) return false;
      others ??= await findOthers();
      pin.clear();
      await rearm([ANNOUNCEMENT_NOTEFILE, ...others]);
      armed = true;
      return true;
    },
    async wait(maxMs, signal) {
      const end = performance.now() + maxMs;
      const pause = (ms: number) => sleep(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
      while (performance.now() < end && !signal.aborted) {
        const left = end - performance.now();
        if (pin.watched()) {
          if (!(await pin.rise(left, signal))) continue;
          // A pin that chatters costs no more than asking would.
          await pause(Math.min(end, wokenAt + pollMs) - performance.now());
          wokenAt = performance.now();
        } else {
          await pause(Math.min(pollMs, left));
          if (signal.aborted || !(await fired())) continue;
        }
        armed = false;
        return;
      }
      // A rise that went unheard leaves the pin HIGH, and it cannot rise again before it is armed.
      if (pin.watched()) armed = false;
    },
  };
}

/** Undefined where the Notecard refuses: without an answer the queue is read instead. */
async function unlessRefused(reply: Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof NotecardError) return undefined;
    throw error;
  }
}
