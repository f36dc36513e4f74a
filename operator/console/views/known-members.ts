import { setImmediate } from "node:timers/promises";
import type { KnownDevice } from "../../cloud/deliveries.ts";
import { tried } from "../../cloud/tried.ts";
import type { World } from "../world.ts";

/** Who is in a fleet, as far as Notehub has said by now: no look waits for it, the next one has it. `notes`: why it does not say. */
export async function knownMembers(
  { members, signal }: Pick<World, "members" | "signal">,
  fleet: string,
): Promise<{ found: readonly string[] | undefined; notes: string[] }> {
  const asked = tried(() => members(fleet), signal);
  asked.catch(() => undefined); // told to whoever waits for it, if anybody does
  const { found, why } = (await Promise.race([asked, setImmediate(undefined)])) ?? {};
  return { found, notes: why === undefined ? [] : [`Who was never heard of is not known: ${why}.`] };
}

/** Of the fleets that a device spoke of those that it is in, as far as Notehub has said by now. */
export async function knownOwners(
  world: Pick<World, "members" | "signal">,
  { device: { device }, manifests }: KnownDevice,
): Promise<string[]> {
  const asked = manifests.map(async ({ fleet }) => {
    const { found } = await knownMembers(world, fleet);
    return found === undefined || found.includes(device) ? [fleet] : [];
  });
  return (await Promise.all(asked)).flat();
}
