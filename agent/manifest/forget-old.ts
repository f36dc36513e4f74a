import { variableName } from "../../protocol/manifest-variable.ts";
import type { Outbox } from "../delivery/outbox.ts";
import type { AnnouncedManifest } from "../link/link.ts";
import type { KeptManifests } from "../state/kept-manifests.ts";
import type { AskedFile } from "./decide.ts";
import { tooOld } from "./too-old.ts";

/**
 * Forgets the manifests that are too old, and what was said of them.
 *
 * @param waiting what is still to be delivered
 * @returns whether there was any
 */
export async function forgetOld(
  { kept, outbox, stage }: { kept: KeptManifests; outbox: Outbox; stage: string | undefined },
  device: string,
  { announced, hearsAll }: { announced: readonly AnnouncedManifest[]; hearsAll: boolean },
  waiting: Iterable<AskedFile>,
): Promise<boolean> {
  const heard = new Set(announced.map(({ variable }) => variable));
  const busy = new Set(Array.from(waiting, ({ fleet }) => fleet));
  const others = [...kept.all()].flatMap(([fleet, { progress }]) => {
    const isBusy = busy.has(fleet) || !outbox.hasLeft(fleet);
    const state = { isHeard: heard.has(variableName(fleet, stage)), left: progress?.left === true, isBusy };
    return fleet === device ? [] : [{ fleet, ...state }];
  });
  const old = tooOld(others, hearsAll);
  for (const fleet of old) {
    outbox.forgetManifest(fleet);
    await kept.forget(fleet).catch(() => undefined);
  }
  return old.length > 0;
}
