import { deviceItem, fileItem, historyItem, type Revised } from "../../../protocol/delivery-items.ts";
import {
  type Delivery,
  type DeliveryState,
  type KnownInventory,
  placedIn,
  stateOf,
  withReported,
} from "../../../protocol/delivery-state.ts";
import { KeyRefused } from "../../../protocol/key-refused.ts";
import type { Receipt } from "../../../protocol/receipt.ts";
import { addressKey } from "../../../protocol/target.ts";
import type { Report } from "../event/notehub-event.ts";
import type { DeliveryTable } from "../ports.ts";

/** Times that somebody else may write first before we give way; whoever sent the report sends it again. */
const MAX_CONFLICTS = 20;

/** Too many others wrote the same item. */
export class Contended extends Error {
  override name = "Contended" as const;
}

/** What a report changed: the state of the file that it is about, undefined where it was known before or is of no file. */
export type Recorded = { state: DeliveryState | undefined };

export type RecordReport = (report: Report) => Promise<Recorded>;

/**
 * Writes what a device says. All of it may be done any number of times, in any order and side by side: each part of an
 * item is the newest of its kind, and every write is over the very item that was read.
 *
 * @throws {Contended} or whatever the table throws: then the report is to come again.
 */
export function createRecordReport(table: DeliveryTable): RecordReport {
  return async (report) => {
    const { device, at } = report;
    await table.put(historyItem(device, report.kind === "receipt" ? report.receipt : report.inventory, at));
    if (report.kind === "receipt") return { state: await recordReceipt(device, report.receipt, at) };
    await recordInventory(device, { ...report.inventory, at });
    return { state: undefined };
  };

  async function recordReceipt(device: string, receipt: Receipt & { n: number }, at: number) {
    const { name: key, ...said } = receipt;
    const path = pathOf(key);
    await remember(device);
    return update(device, path, (delivery) => withReported(delivery, { ...said, key, at }));
  }

  /** A device is found by its item, whatever was heard of it. */
  async function remember(device: string): Promise<void> {
    if ((await table.device(device)) !== undefined) return;
    await table.putOver(deviceItem({ value: { device }, revision: 0 }));
  }

  async function recordInventory(device: string, inventory: KnownInventory): Promise<void> {
    await raceFor(async () => {
      const known = await table.device(device);
      if ((known?.value.inventory?.n ?? 0) >= inventory.n) return true;
      return table.putOver(deviceItem({ value: { device, inventory }, revision: known?.revision ?? 0 }));
    });
    if (inventory.files === undefined) return;
    const known = (await table.files(device)).map(({ value }) => value.path);
    for (const path of new Set([...known, ...inventory.files.map(([listed]) => listed)])) {
      await update(device, path, (delivery) => ({ ...delivery, placed: placedIn(delivery, inventory) }));
    }
  }

  /** @returns the state that the file has come to; undefined if nothing changed. */
  async function update(
    device: string,
    path: string,
    change: (delivery: Delivery) => Delivery,
  ): Promise<DeliveryState | undefined> {
    let state: DeliveryState | undefined;
    await raceFor(async () => {
      const inventory = (await table.device(device))?.value.inventory;
      const before: Revised<Delivery> = (await table.file(device, path)) ?? {
        value: { device, path },
        revision: 0,
      };
      const changed = change(before.value);
      const value = { ...changed, placed: placedIn(changed, inventory) };
      if (isSame(value, before.value)) return true;
      if (!(await table.putOver(fileItem({ value, revision: before.revision }, inventory)))) return false;
      state = stateOf(value, inventory);
      // A list that came between our two reads has not seen this item: look once more.
      return (await table.device(device))?.value.inventory?.n === inventory?.n;
    });
    return state;
  }
}

async function raceFor(attempt: () => Promise<boolean>): Promise<void> {
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) if (await attempt()) return;
  throw new Contended("others kept writing what this report changes");
}

function isSame(a: Delivery, b: Delivery): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A device refuses a key that is no path: then the key itself stands for it, and hides no file. [NF-1.4] */
function pathOf(key: string): string {
  try {
    return addressKey(key).path;
  } catch (error) {
    if (error instanceof KeyRefused) return key;
    throw error;
  }
}
