import { deviceItem, fleetItem, type Revised } from "../../../protocol/delivery-items.ts";
import type { Delivery } from "../../../protocol/delivery-state.ts";
import { TABLE_PATH_MAX_BYTES } from "../../../protocol/delivery-table.ts";
import { type KnownManifest, withManifestReceipt } from "../../../protocol/device-manifest.ts";
import { type FailedByManifest, failuresIn, withFailure } from "../../../protocol/failed-by-manifest.ts";
import { type FleetWord, withFleetWord } from "../../../protocol/fleet-word.ts";
import { isFailure } from "../../../protocol/over.ts";
import { addressKey, manifestOwner } from "../../../protocol/target.ts";
import type { DeliveryTable } from "../ports.ts";
import { raceFor } from "./race.ts";
import { sideBySide } from "./side-by-side.ts";
import type { Ended, UpdateFile } from "./update-file.ts";

/**
 * Writes what a device says of a fleet's manifest: into the items of its files what failed, and of what had failed whether that is over. Whoever writes a report of
 * failure, or a receipt of a manifest, looks at the other kind after that: the last of them has seen both.
 */
export function createRecordManifest(table: DeliveryTable, updateFile: UpdateFile) {
  return {
    /** @returns the states that files have come to which failed */
    async record(device: string, said: KnownManifest, signal?: AbortSignal): Promise<Ended[]> {
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
      const news = await recordFailures(device, said, signal);
      const failed = (await table.files(device)).filter(({ value }) => isFailure(value.reported));
      if (failed.length === 0) return [];
      const newest = await saidBy(device);
      const hear = async ({ value }: Revised<Delivery>) => {
        const ended = await hearOf(device, value, newest);
        if (ended !== undefined && news.has(value.path)) news.set(value.path, ended);
      };
      await sideBySide(failed, hear, signal);
      return [...news.values()];
    },

    /** For a report of failure that was just written. @returns the state that its file has come to by that, if it is another */
    async hear(device: string, path: string): Promise<Ended | undefined> {
      const file = await table.file(device, path);
      return file && hearOf(device, file.value, await saidBy(device));
    },
  };

  /** @returns by path the states that this is news of */
  async function recordFailures(device: string, said: KnownManifest, signal?: AbortSignal) {
    const news = new Map<string, Ended>();
    const write = async (failure: FailedByManifest) => {
      const { path } = failure;
      if (Buffer.byteLength(path) > TABLE_PATH_MAX_BYTES) return; // longer than any that is announced
      const told = (await table.file(said.fleet, path))?.value.announced;
      const change = (delivery: Delivery) => withFailure(delivery, failure, said, told);
      const { ended } = await updateFile(device, path, change);
      if (ended !== undefined) news.set(path, ended);
    };
    await sideBySide(failuresIn(said), write, signal);
    return news;
  }

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
