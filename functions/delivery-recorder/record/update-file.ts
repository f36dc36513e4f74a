import { deviceItem, fileItem, type Revised } from "../../../protocol/delivery-items.ts";
import { type Delivery, type DeliveryState, stateOf } from "../../../protocol/delivery-state.ts";
import type { Device } from "../../../protocol/known-device.ts";
import { type KnownInventory, withList } from "../../../protocol/placed.ts";
import { isTrouble } from "../../../protocol/wanted.ts";
import type { DeliveryTable } from "../ports.ts";
import { isSame, raceFor } from "./race.ts";

/** A state that a file has come to, and whether somebody should look at it. */
export type Ended = { state: DeliveryState; isTrouble: boolean };

/**
 * Changes what is known of one file of a device.
 *
 * @returns the state that it has come to, whether somebody should look at it, and the device as it was read after that; neither if nothing changed.
 */
export type UpdateFile = (
  device: string,
  path: string,
  change: (delivery: Delivery) => Delivery,
) => Promise<{ ended?: Ended | undefined; known?: Revised<Device> | undefined }>;

export function createUpdateFile(table: DeliveryTable): UpdateFile {
  return async (device, path, change) => {
    let ended: Ended | undefined;
    let known: Revised<Device> | undefined;
    await raceFor(async () => {
      const before = known ?? (await table.device(device));
      // A device is found by its item, whatever was heard of it.
      if (before === undefined) await table.putOver(deviceItem({ value: { device }, revision: 0 }));
      const inventory = before?.value.inventory;
      const file = (await table.file(device, path)) ?? { value: { device, path }, revision: 0 };
      const value = withList(change(file.value), inventory);
      if (isSame(value, file.value)) return true;
      if (!(await table.putOver(fileItem({ value, revision: file.revision }, inventory)))) return false;
      ended = endedOf(value, inventory);
      known = await table.device(device);
      // A list that came between our two reads has not seen this item: look once more.
      return isSame(known?.value.inventory, inventory);
    });
    return { ended, known };
  };
}

export function endedOf(delivery: Delivery, inventory: KnownInventory | undefined): Ended {
  const state = stateOf(delivery, inventory);
  return { state, isTrouble: isTrouble(delivery, state) };
}
