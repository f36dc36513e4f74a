import type { Device, InventoryCheck } from "../../protocol/known-device.ts";
import type { KnownDevice } from "./deliveries.ts";
import { type FileView, fileView } from "./file-view.ts";

/** How what a device has compares with what is known, where it has too many files to list them: files that it has, and that are known. */
export type TotalView = { verdict: InventoryCheck["verdict"]; count: number; known: number; at: string };

export type DeviceView = { device: string; total?: TotalView | undefined; files: FileView[] };

export function deviceView({ device, files }: KnownDevice): DeviceView {
  const views = files.map((file) => fileView(file, device.inventory));
  return { device: device.device, total: totalView(device), files: views };
}

function totalView({ total, check }: Device): TotalView | undefined {
  if (total === undefined || check?.n !== total.n) return undefined;
  const { verdict, known } = check;
  return { verdict, known, count: total.count, at: new Date(total.at).toISOString() };
}
