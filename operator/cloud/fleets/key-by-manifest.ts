import type { Delivery } from "../../../protocol/delivery-state.ts";
import type { FleetEntry } from "../../../protocol/delivery-table.ts";
import type { KnownManifest } from "../../../protocol/device-manifest.ts";
import { KeyRefused } from "../../../protocol/key-refused.ts";
import { addressKey, isDeviceUid, manifestOwner, parseTarget } from "../../../protocol/target.ts";
import type { DeliveryQuestions } from "../open-deliveries.ts";
import { type FileByManifest, fileByManifest } from "./file-by-manifest.ts";
import { toldFleet } from "./fleet-facts.ts";
import type { Fleets } from "./open-fleets.ts";

/** UID of the fleet, thing or group of things that a key goes to; undefined if it goes to none. */
export function fleetOf(key: string, defaultTarget: string | undefined): string | undefined {
  try {
    const { target } = addressKey(key, defaultTarget === undefined ? undefined : parseTarget(defaultTarget));
    return manifestOwner(target);
  } catch (error) {
    if (error instanceof KeyRefused) return undefined;
    throw error;
  }
}

/** `unasked`: devices outside a share where there is no version before: they keep what they have, and nobody knows what that is. */
export type KeyByManifest = { files: FileByManifest[]; unasked: number };

/**
 * What is known of a file of every device of its fleet, where it is told by a manifest; undefined where it is not.
 *
 * @param members UIDs of the fleet's devices, where they are known: who is none has left it
 */
export async function keyByManifest(
  { deliveries, fleets }: { deliveries: DeliveryQuestions; fleets: Fleets },
  key: string,
  fleet: string,
  members: readonly string[] | undefined,
): Promise<KeyByManifest | undefined> {
  const told = await toldFleet(fleets, fleet);
  const file = told?.current.files.find((each) => each.key === key);
  if (told === undefined || file === undefined) return undefined;
  const all = new Set(members);
  const isMember = (device: string) => members === undefined || all.has(device);
  const spoke = (await deliveries.devicesOf(fleet)).filter(({ device }) => isMember(device));
  const entries = new Map(spoke.map((entry) => [entry.device, entry]));
  const rows = await rowsOf(deliveries, key);
  // Who has a row, or an exception, said more than an index tells.
  const asked = [...entries.values()].filter(
    ({ device, hasExceptions }) => hasExceptions || rows.has(device),
  );
  const said = await deliveries.saidBy(
    fleet,
    asked.map(({ device }) => device),
  );
  const found: FileByManifest[] = [];
  let unasked = 0;
  for (const device of new Set([...all, ...entries.keys(), ...rows.keys()])) {
    const row = rows.get(device);
    // A fleet, or a group, has a row where none of its devices could be told.
    if (!isDeviceUid(device)) {
      if (row !== undefined) found.push({ delivery: row });
      continue;
    }
    const entry = entries.get(device);
    const facts = await told.factsOf(said.get(device) ?? (entry && asEntry(fleet, entry)));
    const each = fileByManifest(device, file, row, facts);
    if (each !== undefined) found.push(each);
    else if (row !== undefined) found.push({ delivery: row });
    else unasked += 1;
  }
  return { files: found, unasked };
}

async function rowsOf(deliveries: DeliveryQuestions, key: string): Promise<Map<string, Delivery>> {
  const entries = [];
  for await (const entry of deliveries.everyOfFile(key)) entries.push(entry);
  return new Map((await deliveries.whole(entries)).map((row) => [row.device, row]));
}

/** What an index tells of a device that has all that its manifest says. */
function asEntry(fleet: string, { serial, time }: FleetEntry): KnownManifest {
  const counts = { installed: 0, unchanged: 0, removed: 0, bytes: 0, requests: 0 };
  return { state: "manifest", n: time, fleet, serial, ...counts, digest: "", at: time };
}
