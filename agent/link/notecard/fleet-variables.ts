import * as v from "valibot";
import { isManifestVariable, parseVariable } from "../../../protocol/manifest-variable.ts";
import { LineError } from "../../notecard/line-error.ts";
import type { Notecard } from "../../notecard/notecard.ts";
import { NotecardError } from "../../notecard/notecard-error.ts";
import type { AnnouncedManifest } from "../link.ts";

const Environment = v.looseObject({
  body: v.optional(v.record(v.string(), v.unknown()), {}),
  time: v.fallback(v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))), undefined),
});

/** More fleets than a device is in: a stranger's variables must not fill the memory. */
const MAX_MANIFESTS = 16;

/** Milliseconds after which what could not be read is asked for again: other people's variables may be more than a line carries. */
const PAUSE_MS = 600_000;

/** The environment variables of a Notecard, as far as they announce manifests. */
export type FleetVariables = {
  /**
   * @param afresh all of them, whatever the Notecard says of changes: it tells time by the second, and two changes may share one
   */
  read(afresh: boolean): Promise<AnnouncedManifest[]>;
  /** True if the Notecard says that something has changed since `read`. */
  changed(): Promise<boolean>;
};

/**
 * Reads what fleets announce. Without a change that is a few bytes on the line. What a Notecard refuses, or the line does not carry, announces
 * nothing: Notes come all the same, and whether the line is down, the next request tells.
 */
export function createFleetVariables(notecard: Notecard, stage: string | undefined): FleetVariables {
  /** By name in lower case. */
  const announced = new Map<string, AnnouncedManifest>();
  let time: number | undefined;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  const isPaused = () => performance.now() < pausedUntil;

  return {
    async read(afresh) {
      if (isPaused()) return [...announced.values()];
      const since: { time?: number } = afresh || time === undefined ? {} : { time };
      try {
        const reply = v.safeParse(Environment, await notecard.request({ req: "env.get", ...since }));
        if (reply.success) {
          // No document says whether what has not changed is in a reply to `time`.
          if (since.time === undefined) announced.clear();
          time = reply.output.time;
          keep(announced, reply.output.body, stage);
        }
      } catch (error) {
        if (error instanceof LineError && error.code !== "out-of-step")
          pausedUntil = performance.now() + PAUSE_MS;
        else if (!(error instanceof NotecardError)) throw error; // it refuses, or has nothing new
      }
      return [...announced.values()];
    },
    async changed() {
      if (time === undefined || isPaused()) return false;
      try {
        await notecard.request({ req: "env.modified", time });
        return true;
      } catch (error) {
        if (error instanceof NotecardError) return false;
        throw error;
      }
    },
  };
}

function keep(
  announced: Map<string, AnnouncedManifest>,
  body: Record<string, unknown>,
  stage: string | undefined,
): void {
  for (const [name, value] of Object.entries(body)) {
    if (typeof value !== "string" || !isManifestVariable(name, stage)) continue; // [NF-11.5]
    const variable = name.toLowerCase();
    const notice = parseVariable(value);
    if (notice === undefined || (!announced.has(variable) && announced.size >= MAX_MANIFESTS)) continue;
    announced.set(variable, { variable, notice });
  }
}
