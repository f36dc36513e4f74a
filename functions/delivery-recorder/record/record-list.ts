import { fileItem, type Revised } from "../../../protocol/delivery-items.ts";
import { type Delivery, stateOf } from "../../../protocol/delivery-state.ts";
import { type KnownInventory, withList } from "../../../protocol/placed.ts";
import type { DeliveryTable } from "../ports.ts";
import { isSame, raceFor } from "./race.ts";
import { sideBySide } from "./side-by-side.ts";
import { type Ended, endedOf, type UpdateFile } from "./update-file.ts";

/**
 * Writes into each item of a device what a list says of it, once the list is on record. What was written before is not written again, so that a
 * list which takes longer than the function may is done when it came often enough.
 *
 * @returns the states that files have come to
 */
export function createRecordList(table: DeliveryTable, updateFile: UpdateFile) {
  return async (device: string, list: KnownInventory, signal?: AbortSignal): Promise<Ended[]> => {
    const all: Ended[] = [];
    await raceFor(async () => {
      const newest = (await table.device(device))?.value.inventory;
      const change = (delivery: Delivery) => withList(withList(delivery, list), newest);
      const write = async (before: Revised<Delivery>) => {
        const value = change(before.value);
        if (isSame(value, before.value)) return;
        const was = stateOf(before.value, undefined);
        const ended = (await table.putOver(fileItem({ ...before, value }, newest)))
          ? endedOf(value, newest)
          : (await updateFile(device, value.path, change)).ended;
        if (ended !== undefined && ended.state !== was) all.push(ended); // what was known is no news
      };
      await sideBySide(await itemsOf(device, list), write, signal);
      // A newer list that came meanwhile has not seen these items.
      return isSame((await table.device(device))?.value.inventory, newest);
    });
    return all;
  };

  /** Also of what was never heard of. */
  async function itemsOf(device: string, { files = [] }: KnownInventory): Promise<Revised<Delivery>[]> {
    const known = await table.files(device);
    const paths = new Set(known.map(({ value }) => value.path));
    const unheard = files.filter(([path]) => !paths.has(path));
    return [...known, ...unheard.map(([path]) => ({ value: { device, path }, revision: 0 }))];
  }
}
