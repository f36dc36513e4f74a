import { deviceItem, fleetItem } from "../../../protocol/delivery-items.ts";
import type { Delivery } from "../../../protocol/delivery-state.ts";
import { type KnownManifest, withManifestReceipt } from "../../../protocol/device-manifest.ts";
import { type FleetWord, withFleetWord } from "../../../protocol/fleet-word.ts";
import { isFailure } from "../../../protocol/over.ts";
import { addressKey, manifestOwner } from "../../../protocol/target.ts";
import type { DeliveryTable } from "../ports.ts";
import { raceFor } from "./race.ts";
import { sideBySide } from "./side-by-side.ts";
import type { Ended, UpdateFile } from "./update-file.ts";

/**
 * Writes what a device says of a fleet's manifest, and into the items of what had failed whether that is over. Whoever writes a report of
 * failure, or a receipt of a manifest, looks at the other kind after that: the last of them has seen both.
 */
export function createRecordManifest(table: DeliveryTable, updateFile: UpdateFile) {
  return {
    async record(device: string, said: KnownManifest, signal?: AbortSignal): Promise<void> {
      // A device is found by its item, whatever was heard of it.
      if ((await table.device(device)) === undefined)
        await table.putOver(deviceItem({ value: { device }, revision: 0 }));
      await raceFor(async () => {
        const { value, revision } = (await table.manifest(device, said.fleet)) ?? {
          value: undefined,
          revision: 0,
        };
        const changed = withManifestReceipt(value, device, said);
        return changed === value || table.putOver(fleetItem({ value: changed, revision }));
      });
      const failed = (await table.files(device)).filter(({ value }) => isFailure(value.reported));
      if (failed.length === 0) return;
      const newest = await saidBy(device);
      await sideBySide(failed, async ({ value }) => void (await hearOf(device, value, newest)), signal);
    },

    /** For a report of failure that was just written. @returns the state that its file has come to by that, if it is another */
    async hear(device: string, path: string): Promise<Ended | undefined> {
      const file = await table.file(device, path);
      return file && hearOf(device, file.value, await saidBy(device));
    },
  };

  async function saidBy(device: string): Promise<KnownManifest[]> {
    return (await table.manifests(device)).map(({ value }) => value.said);
  }

  async function hearOf(device: string, file: Delivery, newest: readonly KnownManifest[]) {
    const words: FleetWord[] = [];
    for (const fleet of fleetsOf(file, newest)) {
      const told = (await table.file(fleet, file.path))?.value.announced;
      words.push({ fleet, told, said: newest.find((said) => said.fleet === fleet) });
    }
    const change = (delivery: Delivery) => words.reduce(withFleetWord, delivery);
    return change(file) === file ? undefined : (await updateFile(device, file.path, change)).ended;
  }
}

/** Whose file it may be: its key says so, or names nobody. */
function fleetsOf({ reported }: Delivery, newest: readonly KnownManifest[]): string[] {
  const { target } = addressOf(reported?.key ?? "");
  if (target === undefined) return newest.map(({ fleet }) => fleet);
  const owner = manifestOwner(target);
  return owner === undefined ? [] : [owner];
}

function addressOf(key: string): Partial<ReturnType<typeof addressKey>> {
  try {
    return addressKey(key);
  } catch {
    return {}; // a key that is refused is no fleet's
  }
}
