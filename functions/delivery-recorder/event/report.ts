import { TABLE_PATH_MAX_BYTES } from "../../../protocol/delivery-table.ts";
import { type Inventory, parseInventory } from "../../../protocol/inventory.ts";
import { type ManifestReceipt, parseManifestReceipt } from "../../../protocol/manifest-receipt.ts";
import { parseReceipt, type Receipt } from "../../../protocol/receipt.ts";
import { type ReportOrder, reportOrder } from "../../../protocol/report-order.ts";
import { addressKey, parseTarget } from "../../../protocol/target.ts";

/** What a device says in an event; `at` is in milliseconds since the epoch. */
export type Report = { device: string; at: number } & (
  | { kind: "receipt"; receipt: Receipt & ReportOrder }
  | { kind: "inventory"; inventory: Inventory & ReportOrder }
  | { kind: "manifest"; manifest: ManifestReceipt & ReportOrder }
);

export type ReportReading = { kind: "report"; report: Report } | { kind: "unreadable"; reason: string };

/** Whoever told us when a message came has another clock, by so much at most. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/** When a message came, by another's clock that is not believed to run ahead. Milliseconds since the epoch. */
export function receivedAt(theirs: number | undefined, now: number): number {
  return Math.min(theirs === undefined ? now : Math.round(theirs), now + CLOCKS_DIFFER_MS);
}

/**
 * Reads what a device says: a receipt of a file or of a manifest, or an inventory. [NF-9.6] [NF-9.8] [NF-11.12]
 *
 * @param device whose word it is, by whoever brought it
 * @param at when it came
 * @param unnumbered stands for the number of a receipt that has none [NF-9.7]
 */
export function readReport(device: string, at: number, body: unknown, unnumbered: number): ReportReading {
  const receipt = parseReceipt(body);
  if (receipt !== undefined) {
    if (Buffer.byteLength(receipt.name) > TABLE_PATH_MAX_BYTES)
      return unreadable("its name is longer than any that is announced");
    if (!mayHave(device, receipt.name)) return unreadable("its key is another device's");
    const order = reportOrder(receipt.n ?? unnumbered, at);
    return { kind: "report", report: { kind: "receipt", device, at, receipt: { ...receipt, ...order } } };
  }
  const inventory = parseInventory(body);
  if (inventory !== undefined) {
    const order = reportOrder(inventory.n, at);
    return {
      kind: "report",
      report: { kind: "inventory", device, at, inventory: { ...inventory, ...order } },
    };
  }
  const manifest = parseManifestReceipt(body);
  if (manifest !== undefined) {
    if (!mayBelongTo(device, manifest.fleet)) return unreadable("its manifest is another device's");
    const order = reportOrder(manifest.n, at);
    return { kind: "report", report: { kind: "manifest", device, at, manifest: { ...manifest, ...order } } };
  }
  return unreadable("its body is no receipt, of a file or a manifest, and no inventory");
}

/** A device's own files only that device has; a fleet's or a default file any Notehub device may have, a group's any thing. [NF-13.1] */
function mayHave(device: string, key: string): boolean {
  const isThing = parseTarget(device)?.kind === "thing";
  try {
    const { target } = addressKey(key);
    if (target === undefined) return !isThing; // the default target is Notehub's
    if (target.kind === "device") return target.deviceUid === device;
    if (target.kind === "thing") return target.thingUid === device;
    return (target.kind === "thing-group") === isThing;
  } catch {
    return !isThing; // a key that is refused is no path, and hides no file
  }
}

function mayBelongTo(device: string, owner: string): boolean {
  const kind = parseTarget(owner)?.kind;
  if (parseTarget(device)?.kind !== "thing") return kind === "fleet";
  return owner === device || kind === "thing-group";
}

function unreadable(reason: string): ReportReading {
  return { kind: "unreadable", reason };
}
