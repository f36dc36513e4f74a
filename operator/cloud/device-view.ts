import type { Device, InventoryCheck } from "../../protocol/known-device.ts";
import type { KnownDevice } from "./deliveries.ts";
import { type FileView, fileByManifestView, fileView } from "./file-view.ts";
import type { FileByManifest } from "./fleets/file-by-manifest.ts";
import { fleetOf } from "./fleets/key-by-manifest.ts";
import { ofLeftFleet } from "./fleets/left-fleet.ts";

/** How what a device has compares with what is known, where it has too many files to list them: files that it has, and that are known. */
export type TotalView = { verdict: InventoryCheck["verdict"]; count: number; known: number; at: string };

export type DeviceView = { device: string; total?: TotalView | undefined; files: FileView[] };

/**
 * @param byPath what the manifests of its fleets say of its files
 * @param left fleets that it has left
 */
export function deviceView(
  { device, files }: KnownDevice,
  byPath: ReadonlyMap<string, FileByManifest> = new Map(),
  left: ReadonlySet<string> = new Set(),
): DeviceView {
  const leftOr = (view: FileView) => {
    const fleet = view.key === undefined ? undefined : fleetOf(view.key, undefined);
    return fleet !== undefined && left.has(fleet) ? ofLeftFleet(view, fleet) : view;
  };
  const others = files
    .filter(({ path }) => !byPath.has(path))
    .map((file) => leftOr(fileView(file, device.inventory)));
  const told = [...byPath.values()].map((file) => fileByManifestView(file, device.inventory));
  const views = told.length === 0 ? others : [...others, ...told].toSorted(byPathName);
  return { device: device.device, total: totalView(device), files: views };
}

function byPathName(a: FileView, b: FileView): number {
  return a.path < b.path ? -1 : Number(a.path > b.path);
}

function totalView({ total, check }: Device): TotalView | undefined {
  if (total === undefined || check?.n !== total.n) return undefined;
  const { verdict, known } = check;
  return { verdict, known, count: total.count, at: new Date(total.at).toISOString() };
}
