import * as v from "valibot";
import { KnownInventory } from "./placed.ts";
import { compareReports, isLater, REPORT_ORDER } from "./report-order.ts";

/**
 * Whether a device had what it was believed to have, by an inventory that came without a list. `outdated`: it did not, and all of
 * it was heard of since. `unknown`: of some file only the beginning of its digest was ever heard.
 */
export const InventoryCheck = v.object({
  /** The inventory's. */
  ...REPORT_ORDER,
  verdict: v.picklist(["agrees", "differs", "outdated", "unknown"]),
  /** Files that it was believed to have. */
  known: v.number(),
});

/** What is known of a device itself. */
export const Device = v.object({
  device: v.string(),
  /** The newest that lists its files. */
  inventory: v.optional(KnownInventory),
  /** The newest, where that came without a list. */
  total: v.optional(KnownInventory),
  check: v.optional(InventoryCheck),
});

export type InventoryCheck = v.InferOutput<typeof InventoryCheck>;
export type Device = v.InferOutput<typeof Device>;

/** The state of a device that somebody should look at. */
export type DeviceState = "differs";

/** The same object where the inventory is not the newest of its kind. */
export function withInventory(device: Device, inventory: KnownInventory): Device {
  const known = [device.inventory, device.total, inventory].filter((each) => each !== undefined);
  const list = newest(known.filter(({ files }) => files !== undefined));
  const bare = newest(known.filter(({ files }) => files === undefined));
  const total = bare !== undefined && isLater(bare, list) ? bare : undefined;
  if (list === device.inventory && total === device.total) return device;
  const check = total !== undefined && isOf(device.check, total) ? device.check : undefined;
  return { device: device.device, inventory: list, total, check };
}

/** Whether it is this very inventory that was compared. */
export function isOf(check: InventoryCheck | undefined, total: KnownInventory): check is InventoryCheck {
  return check !== undefined && compareReports(check, total) === 0;
}

export function stateOfDevice({ check }: Device): DeviceState | undefined {
  return check?.verdict === "differs" ? "differs" : undefined;
}

/** The first of those that are equally new. */
function newest(inventories: readonly KnownInventory[]): KnownInventory | undefined {
  return inventories.reduce<KnownInventory | undefined>(
    (best, each) => (isLater(each, best) ? each : best),
    undefined,
  );
}
