import * as v from "valibot";
import type { Notecard } from "../notecard/notecard.ts";

/** Seconds for which a periodic Notecard is asked to stay connected, and after which it is asked again. */
const RAISE_SECONDS = 1_800;
const RENEW_SECONDS = 900;

const HubGet = v.looseObject({ mode: v.optional(v.string(), "") });

/**
 * Lets a Notecard make web requests whatever its user's sync mode is, without changing that mode: a periodic one is
 * switched to continuous for a while.
 * https://dev.blues.io/notecard/notecard-walkthrough/web-transactions/
 */
export function createHubMode(notecard: Notecard) {
  let raisedAt: number | undefined;

  async function mode(): Promise<string> {
    const parsed = v.safeParse(HubGet, await notecard.request({ req: "hub.get" }));
    return parsed.success ? parsed.output.mode : "";
  }

  async function raise(): Promise<void> {
    if ((await mode()) !== "periodic") return;
    await notecard.request({ req: "hub.set", on: true, seconds: RAISE_SECONDS });
    raisedAt = performance.now();
  }

  return {
    raise,
    /** During a delivery that lasts. */
    async stayRaised(): Promise<void> {
      if (raisedAt !== undefined && performance.now() - raisedAt > RENEW_SECONDS * 1000) await raise();
    },
    async lower(): Promise<void> {
      if (raisedAt === undefined) return;
      raisedAt = undefined;
      await notecard.request({ req: "hub.set", off: true });
    },
    /** True if the Notecard has a session anyhow, so that a Note can leave at once without costing another. */
    async connects(): Promise<boolean> {
      return raisedAt !== undefined || (await mode()) === "continuous";
    },
  };
}
