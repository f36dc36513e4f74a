import { checkTotal, isToldByItems } from "../../../protocol/check-total.ts";
import { deviceItem, historyItem, type Revised, type Said } from "../../../protocol/delivery-items.ts";
import { type Delivery, type DeliveryState, withReported } from "../../../protocol/delivery-state.ts";
import {
  type Device,
  type DeviceState,
  isOf,
  stateOfDevice,
  withInventory,
} from "../../../protocol/known-device.ts";
import { isFailure } from "../../../protocol/over.ts";
import type { KnownInventory } from "../../../protocol/placed.ts";
import { isLater, type ReportOrder } from "../../../protocol/report-order.ts";
import { pathOrKey } from "../../../protocol/target.ts";
import type { Report } from "../event/report.ts";
import type { DeliveryTable } from "../ports.ts";
import { isSame, raceFor } from "./race.ts";
import { createRecordList } from "./record-list.ts";
import { createRecordManifest } from "./record-manifest.ts";
import { createUpdateFile, type Ended } from "./update-file.ts";

/** What a report changed: the states that files, or the device, have come to; none where all of it was known before.
 * `troubles`: at how many of them somebody should look. */
export type Recorded = { states: (DeliveryState | DeviceState)[]; troubles: number };

export type RecordReport = (report: Report, signal?: AbortSignal) => Promise<Recorded>;

/**
 * Writes what a device says. All of it may be done any number of times, in any order and side by side: each part of an
 * item is the newest of its kind, and every write is over the very item that was read.
 *
 * @throws {Contended} or the signal's reason, or whatever the table throws: then the report is to come again.
 */
export function createRecordReport(table: DeliveryTable): RecordReport {
  const updateFile = createUpdateFile(table);
  const recordList = createRecordList(table, updateFile);
  const manifests = createRecordManifest(table, updateFile);

  return async (report, signal) => {
    const { device, at } = report;
    await table.put(historyItem(device, saidIn(report), at));
    if (report.kind === "manifest") {
      const failed = await manifests.record(device, { ...report.manifest, at }, signal);
      return recorded(failed, await compare(device, report.manifest));
    }
    if (report.kind === "inventory") {
      const files = await recordInventory(device, { ...report.inventory, at }, signal);
      return recorded(files, await compare(device, report.inventory));
    }
    const { name: key, ...said } = report.receipt;
    const change = (delivery: Delivery) => withReported(delivery, { ...said, key, at });
    const { ended, known } = await updateFile(device, pathOrKey(key), change);
    const heard = isFailure(said) ? await manifests.hear(device, pathOrKey(key)) : undefined;
    const now = heard ?? ended;
    return recorded(now === undefined ? [] : [now], await compare(device, report.receipt, known));
  };

  async function recordInventory(device: string, inventory: KnownInventory, signal?: AbortSignal) {
    await raceFor(async () => {
      const { value, revision } = (await table.device(device)) ?? { value: { device }, revision: 0 };
      const changed = withInventory(value, inventory);
      return changed === value || table.putOver(deviceItem({ value: changed, revision }));
    });
    return inventory.files === undefined ? [] : recordList(device, inventory, signal);
  }

  /**
   * Compares the last inventory, where that came without its list, with what was heard before it. Whoever writes an item compares
   * after that, over the device that was read before the items: the last of them has seen all.
   *
   * @param report that was recorded
   * @param read the device, if it was read since then
   * @returns the state that the device has come to, if that is news.
   */
  async function compare(
    device: string,
    report: ReportOrder,
    read?: Revised<Device>,
  ): Promise<DeviceState | undefined> {
    let news: DeviceState | undefined;
    let first = read;
    await raceFor(async () => {
      const known = first ?? (await table.device(device));
      first = undefined;
      if (known?.value.total === undefined) return true;
      const { inventory, total, check } = known.value;
      // What was reported later does not change that. Else it may end a difference.
      if (isOf(check, total) && check.verdict === "agrees" && isLater(report, total)) return true;
      const files = (await table.files(device)).map((file) => file.value);
      const history = isToldByItems(total, files, inventory) ? [] : await table.history(device);
      const said = (await table.manifests(device)).map((each) => each.value.said);
      const value = { ...known.value, check: checkTotal(total, files, inventory, history, said) };
      if (isSame(value.check, check)) return true;
      const put = await table.putOver(deviceItem({ value, revision: known.revision }));
      const state = stateOfDevice(value);
      if (put && state !== stateOfDevice(known.value)) news = state;
      return put;
    });
    return news;
  }
}

function saidIn(report: Report): Said {
  if (report.kind === "receipt") return report.receipt;
  return report.kind === "inventory" ? report.inventory : report.manifest;
}

function recorded(files: readonly Ended[], device: DeviceState | undefined): Recorded {
  const states = [...files.map(({ state }) => state), ...(device === undefined ? [] : [device])];
  const troubles = files.filter(({ isTrouble }) => isTrouble).length + (device === undefined ? 0 : 1);
  return { states, troubles };
}
