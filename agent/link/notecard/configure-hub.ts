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

/** Minutes between looks for Notes, unless somebody has chosen: with none, a Notecard never fetches a Note by itself. */
const INBOUND_MINUTES = 60;

/** Sets what is wished for and differs, and nothing else: the Notecard may serve other programs too. */
export async function configureHub(notecard: Notecard, { product, mode }: HubWish): Promise<void> {
  if (product === undefined && mode === undefined) return;
  const parsed = v.safeParse(HubGet, await notecard.request({ req: "hub.get" }));
  const current = parsed.success ? parsed.output : { product: "", mode: "", inbound: 0, sync: false };
  const looks = mode === "continuous" || mode === "periodic";
  const changes = {
    product: product === current.product ? undefined : product,
    mode: mode === current.mode ? undefined : mode,
    // It is then told of each Note at once; the interval is for the times when that fails.
    sync: mode === "continuous" && !current.sync ? true : undefined,
    inbound: looks && current.inbound === 0 ? INBOUND_MINUTES : undefined,
  };
  if (Object.values(changes).some((value) => value !== undefined))
    await notecard.request({ req: "hub.set", ...changes });
}
