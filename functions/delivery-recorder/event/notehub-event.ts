import * as v from "valibot";
import { TABLE_PATH_MAX_BYTES } from "../../../protocol/delivery-table.ts";
import { type Inventory, parseInventory } from "../../../protocol/inventory.ts";
import { type ManifestReceipt, parseManifestReceipt } from "../../../protocol/manifest-receipt.ts";
import { RECEIPT_NOTEFILE } from "../../../protocol/notefiles.ts";
import { parseReceipt, type Receipt } from "../../../protocol/receipt.ts";
import { type ReportOrder, reportOrder } from "../../../protocol/report-order.ts";
import { addressKey, parseTarget } from "../../../protocol/target.ts";

const DeviceUid = v.pipe(
  v.string(),
  v.check((uid) => parseTarget(uid)?.kind === "device"),
);
/** Seconds since the epoch. */
const Seconds = v.pipe(v.number(), v.minValue(0), v.maxValue(1e11));

/**
 * An event as a Notehub route of the type HTTP posts it, as far as we read it.
 * https://dev.blues.io/notehub/notehub-walkthrough/#understanding-notehub-events
 */
const NotehubEvent = v.object({
  device: DeviceUid,
  file: v.string(),
  body: v.optional(v.unknown()),
  /** When Notehub got it. */
  received: v.optional(Seconds),
  /** When the Notecard queued it, by its own clock, which knows no time before it has connected once. */
  when: v.optional(Seconds),
});

/** Notehub's clock and ours may differ by so much. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/** What a device says in an event; `at` is in milliseconds since the epoch. */
export type Report = { device: string; at: number } & (
  | { kind: "receipt"; receipt: Receipt & ReportOrder }
  | { kind: "inventory"; inventory: Inventory & ReportOrder }
  | { kind: "manifest"; manifest: ManifestReceipt & ReportOrder }
);

export type EventReading =
  | { kind: "report"; report: Report }
  | { kind: "ignored"; file: string }
  | { kind: "unreadable"; reason: string };

/**
 * Reads an event. A receipt of 0.1.0 has no number: when the Notecard queued it stands for that, which is what numbers
 * begin with. [NF-9.7]
 *
 * @param now milliseconds since the epoch, for an event that says no time
 */
export function readNotehubEvent(text: string, now: number): EventReading {
  const parsed = v.safeParse(NotehubEvent, parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return { kind: "unreadable", reason: `no event of Notehub: ${v.getDotPath(issue) ?? "itself"}` };
  }
  const { device, file, body, received, when } = parsed.output;
  if (file !== RECEIPT_NOTEFILE) return { kind: "ignored", file };
  const at = Math.min(received === undefined ? now : Math.round(received * 1000), now + CLOCKS_DIFFER_MS);
  const receipt = parseReceipt(body);
  if (receipt !== undefined) {
    if (Buffer.byteLength(receipt.name) > TABLE_PATH_MAX_BYTES)
      return { kind: "unreadable", reason: "its name is longer than any that is announced" };
    if (!isItsOwn(receipt.name, device)) return { kind: "unreadable", reason: "its key is another device's" };
    const n = receipt.n ?? Math.max(1, Math.floor(when || at / 1000) * 1000);
    return {
      kind: "report",
      report: { kind: "receipt", device, at, receipt: { ...receipt, ...reportOrder(n, at) } },
    };
  }
  const inventory = parseInventory(body);
  if (inventory !== undefined)
    return {
      kind: "report",
      report: { kind: "inventory", device, at, inventory: { ...inventory, ...reportOrder(inventory.n, at) } },
    };
  const manifest = parseManifestReceipt(body);
  if (manifest !== undefined)
    return {
      kind: "report",
      report: { kind: "manifest", device, at, manifest: { ...manifest, ...reportOrder(manifest.n, at) } },
    };
  return { kind: "unreadable", reason: "its body is no receipt, of a file or a manifest, and no inventory" };
}

/** Anybody may be told of a fleet's or a default file, of a device's own only that device. */
function isItsOwn(key: string, device: string): boolean {
  try {
    const { target } = addressKey(key);
    return target?.kind !== "device" || target.deviceUid === device;
  } catch {
    return true; // a key that is refused is no path, and hides no file
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
