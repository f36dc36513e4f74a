import { setImmediate } from "node:timers/promises";
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
