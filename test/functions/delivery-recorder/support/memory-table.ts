import type { DeliveryTable } from "../../../../functions/delivery-recorder/ports.ts";
import {
  type ConditionalPut,
  type Item,
  readDeviceItem,
  readFileItem,
  readFleetItem,
  readHistoryItem,
} from "../../../../protocol/delivery-items.ts";
import {
  deviceItemKey,
  FILE_PREFIX,
  FLEET_PREFIX,
  fileItemKey,
  fleetItemKey,
  HISTORY_PREFIX,
  type TableKey,
} from "../../../../protocol/delivery-table.ts";

/** The table's promises in memory, so that a thousand orders of reads and writes can be tried. */
export type MemoryTable = DeliveryTable & { items: Map<string, Item> };

/** @param step is awaited before each read and write, and may throw as a table that fails does */
export function createMemoryTable(
  step: (what: string) => Promise<void> = async () => undefined,
): MemoryTable {
  const items = new Map<string, Item>();
  const nameOf = ({ pk, sk }: TableKey) => `${pk}\n${sk}`;
  const nameOfItem = (item: Item) => nameOf({ pk: textOf(item.pk), sk: textOf(item.sk) });
  const under = (device: string, sk: string) =>
    [...items].flatMap(([name, item]) =>
      name.startsWith(nameOf({ pk: deviceItemKey(device).pk, sk })) ? [item] : [],
    );
  return {
    items,
    async device(device) {
      await step("read");
      const item = items.get(nameOf(deviceItemKey(device)));
      return item === undefined ? undefined : readDeviceItem(item);
    },
    async file(device, path) {
      await step("read");
      const item = items.get(nameOf(fileItemKey(device, path)));
      return item === undefined ? undefined : readFileItem(item);
    },
    async files(device) {
      await step("read");
      return under(device, FILE_PREFIX).map(readFileItem);
    },
    async manifest(device, fleet) {
      await step("read");
      const item = items.get(nameOf(fleetItemKey(device, fleet)));
      return item === undefined ? undefined : readFleetItem(item);
    },
    async manifests(device) {
      await step("read");
      return under(device, FLEET_PREFIX).map(readFleetItem);
    },
    async history(device) {
      await step("read");
      return under(device, HISTORY_PREFIX).map(readHistoryItem);
    },
    async putOver({ Item, ExpressionAttributeValues }: ConditionalPut) {
      await step("write");
      const name = nameOfItem(Item);
      const there = items.get(name)?.revision;
      const read = ExpressionAttributeValues?.[":read"];
      if (JSON.stringify(there) !== JSON.stringify(read)) return false;
      items.set(name, Item);
      return true;
    },
    async put(item) {
      await step("write");
      items.set(nameOfItem(item), item);
    },
  };
}

function textOf(value: Item[string] | undefined): string {
  if (value === undefined || !("S" in value)) throw new TypeError("a key is a text");
  return value.S;
}
