import * as v from "valibot";
import type { Notecard } from "../../notecard/notecard.ts";

/** What a person asked for; what is absent stays as it is on the Notecard. */
export type HubWish = { product?: string; mode?: string };

const HubGet = v.looseObject({
  product: v.optional(v.string(), ""),
  mode: v.optional(v.string(), ""),
  inbound: v.optional(v.number(), 0),
  sync: v.optional(v.boolean(), false),
});

/** Minutes between looks for Notes, where nobody has chosen: without any, a Notecard never fetches one by itself. */
const INBOUND_MINUTES = 60;

/** Sets what is wished for and differs, and nothing else: the Notecard may serve other programs too. */
export async function configureHub(notecard: Notecard, { product, mode }: HubWish): Promise<void> {
  if (product === undefined && mode === undefined) return;
  const parsed = v.safeParse(HubGet, await notecard.request({ req: "hub.get" }));
  const current = parsed.success ? parsed.output : { product: "", mode: "", inbound: 0, sync: false };
  const changes = {
    ...(product === undefined || product === current.product ? {} : { product }),
    ...(mode === undefined || mode === current.mode ? {} : { mode }),
    // Told of each Note at once; the interval is for the times when that fails.
    ...(mode === "continuous" && !current.sync ? { sync: true } : {}),
    ...((mode === "continuous" || mode === "periodic") && current.inbound === 0
      ? { inbound: INBOUND_MINUTES }
      : {}),
  };
  if (Object.keys(changes).length > 0) await notecard.request({ req: "hub.set", ...changes });
}
