import * as v from "valibot";
import type { Variables } from "../../fleet/ports.ts";
import { RetryLater } from "../../outcome/retry-later.ts";
import { Undeliverable } from "../../outcome/undeliverable.ts";
import { type CallNotehub, pathSegment } from "./call-notehub.ts";

const Environment = v.object({ environment_variables: v.nullish(v.record(v.string(), v.unknown()), {}) });
const Fleets = v.object({ fleets: v.array(v.object({ uid: v.string() })) });

/** Environment variables of fleets, over the Notehub API: one call reaches every device, whenever it is there. [NF-11.5] */
export function createNotehubVariables(call: CallNotehub): Variables {
  return {
    async isKnown(fleet, signal) {
      // A 404 may be of the project, or of a path: no document says what it means. A list does.
      const parsed = v.safeParse(Fleets, await call("GET", "fleets", signal));
      if (!parsed.success) throw unreadable();
      return parsed.output.fleets.some(({ uid }) => uid === fleet);
    },

    async set(fleet, name, value, signal) {
      await call("PUT", pathOf(fleet), signal, { environment_variables: { [name]: value } }); // the others stay
    },

    async get(fleet, name, signal) {
      const parsed = v.safeParse(Environment, await call("GET", pathOf(fleet), signal));
      if (!parsed.success) throw unreadable();
      // Names are not case-sensitive, and who knows in which case they come back. [NF-11.5]
      const found = Object.entries(parsed.output.environment_variables ?? {}).find(
        ([key]) => key.toLowerCase() === name.toLowerCase(),
      );
      return typeof found?.[1] === "string" ? found[1] : undefined;
    },

    async remove(fleet, name, signal) {
      try {
        await call("DELETE", `${pathOf(fleet)}/${encodeURIComponent(name)}`, signal);
      } catch (error) {
        if (!(error instanceof Undeliverable)) throw error; // no such variable, or no such fleet any more
      }
    },
  };
}

function pathOf(fleet: string): string {
  return `fleets/${pathSegment(fleet)}/environment_variables`;
}

function unreadable(): RetryLater {
  return new RetryLater("notehub-unreadable", "Notehub's reply lacks a member", { fate: "unsent" });
}
