import { checkTotal, isToldByItems } from "../../../protocol/check-total.ts";
import { deviceItem, fileItem, historyItem, type Revised } from "../../../protocol/delivery-items.ts";
import {
  type Delivery,
  type DeliveryState,
  stateOf,
  withReported,
} from "../../../protocol/delivery-state.ts";
import { type DeviceState, isOf, stateOfDevice, withInventory } from "../../../protocol/known-device.ts";
import { type KnownInventory, withList } from "../../../protocol/placed.ts";
import type { Receipt } from "../../../protocol/receipt.ts";
import { isLater, type ReportOrder } from "../../../protocol/report-order.ts";
import { pathOrKey } from "../../../protocol/target.ts";
import type { Report } from "../event/notehub-event.ts";
import type { DeliveryTable } from "../ports.ts";

/** Times that somebody else may write first before we give way; whoever sent the report sends it again. */
const MAX_CONFLICTS = 20;

/** Too many others wrote the same item. */
export class Contended extends Error {
  override name = "Contended" as const;
}

/** What a report changed: the states that files, or the device, have come to; none where all of it was known before. */
export type Recorded = { states: (DeliveryState | DeviceState)[] };

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
    const states =
      report.kind === "receipt"
        ? [await recordReceipt(device, report.receipt, at)]
        : await recordInventory(device, { ...report.inventory, at });
    const order = report.kind === "receipt" ? report.receipt : report.inventory;
    return { states: [...states, await compare(device, order)].filter((state) => state !== undefined) };
  };

  async function recordReceipt(device: string, receipt: Receipt & ReportOrder, at: number) {
    const { name: key, ...said } = receipt;
    const path = pathOrKey(key);
    await remember(device);
    const ended = await update(device, path, (delivery) => withReported(delivery, { ...said, key, at }));
    return ended?.state;
  }

  /** A device is found by its item, whatever was heard of it. */
  async function remember(device: string): Promise<void> {
    if ((await table.device(device)) !== undefined) return;
    await table.putOver(deviceItem({ value: { device }, revision: 0 }));
  }

  async function recordInventory(device: string, inventory: KnownInventory): Promise<DeliveryState[]> {
    await raceFor(async () => {
      const { value, revision } = (await table.device(device)) ?? { value: { device }, revision: 0 };
      const changed = withInventory(value, inventory);
      return changed === value || table.putOver(deviceItem({ value: changed, revision }));
    });
    if (inventory.files === undefined) return [];
    const known = (await table.files(device)).map(({ value }) => value.path);
    const states: DeliveryState[] = [];
    for (const path of new Set([...known, ...inventory.files.map(([listed]) => listed)])) {
      const change = (delivery: Delivery) => withList(delivery, inventory);
      const ended = await update(device, path, change);
      if (ended !== undefined && ended.state !== ended.was) states.push(ended.state); // what was known is no news
    }
    return states;
  }

  /**
   * Compares the last inventory, where that came without its list, with what was heard before it. Whoever writes an item compares
   * after that, over the device that was read before the items: the last of them has seen all.
   *
   * @param report that was recorded
   * @returns the state that the device has come to, if that is news.
   */
  async function compare(device: string, report: ReportOrder): Promise<DeviceState | undefined> {
    let news: DeviceState | undefined;
    await raceFor(async () => {
      const known = await table.device(device);
      if (known?.value.total === undefined) return true;
      const { inventory, total, check } = known.value;
      // What was reported later does not change that. Else it may end a difference.
      if (isOf(check, total) && check.verdict === "agrees" && isLater(report, total)) return true;
      const files = (await table.files(device)).map((file) => file.value);
      const history = isToldByItems(total, files, inventory) ? [] : await table.history(device);
      const value = { ...known.value, check: checkTotal(total, files, inventory, history) };
      if (isSame(value.check, check)) return true;
      const put = await table.putOver(deviceItem({ value, revision: known.revision }));
      const state = stateOfDevice(value);
      if (put && state !== stateOfDevice(known.value)) news = state;
      return put;
    });
    return news;
  }

  /** @returns the states that the file was in and has come to; undefined if nothing changed. */
  async function update(
    device: string,
    path: string,
    change: (delivery: Delivery) => Delivery,
  ): Promise<{ was: DeliveryState; state: DeliveryState } | undefined> {
    let ended: { was: DeliveryState; state: DeliveryState } | undefined;
    await raceFor(async () => {
      const inventory = (await table.device(device))?.value.inventory;
      const before: Revised<Delivery> = (await table.file(device, path)) ?? {
        value: { device, path },
        revision: 0,
      };
      const value = withList(change(before.value), inventory);
      if (isSame(value, before.value)) return true;
      if (!(await table.putOver(fileItem({ value, revision: before.revision }, inventory)))) return false;
      ended = { was: ended?.was ?? stateOf(before.value, undefined), state: stateOf(value, inventory) };
      // A list that came between our two reads has not seen this item: look once more.
      return isSame((await table.device(device))?.value.inventory ?? {}, inventory ?? {});
    });
    return ended;
  }
}

async function raceFor(attempt: () => Promise<boolean>): Promise<void> {
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) if (await attempt()) return;
  throw new Contended("others kept writing what this report changes");
}

function isSame(a: object, b: object | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
