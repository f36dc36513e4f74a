import { type Device, type InventoryCheck, stateOfDevice } from "../../../protocol/known-device.ts";
import type { KnownDevice } from "../../cloud/deliveries.ts";
import type { FileByManifest } from "../../cloud/fleets/file-by-manifest.ts";
import { type FileView, fileByManifestView, fileView } from "./file-view.ts";

/** How what a device has compares with what is known, where it has too many files to list them: files that it has, and that are known. */
export type TotalView = { verdict: InventoryCheck["verdict"]; count: number; known: number; at: string };

export type DeviceView = { device: string; total?: TotalView | undefined; files: FileView[] };

/** @param byPath what the manifests of its fleets say of its files */
export function deviceView(
  { device, files }: KnownDevice,
  byPath: ReadonlyMap<string, FileByManifest> = new Map(),
): DeviceView {
  const others = files
    .filter(({ path }) => !byPath.has(path))
    .map((file) => fileView(file, device.inventory));
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

/** The row of a device itself, where somebody should look at it. */
export function deviceRows({ device: { device, total, check } }: Pick<KnownDevice, "device">): string[][] {
  const state = stateOfDevice({ device, check });
  if (state === undefined || total === undefined || check === undefined) return [];
  const counts = `it has ${total.count} files, not the ${check.known} that are known`;
  return [differsRow(device, total.at, counts)];
}

/** @param at milliseconds since the epoch */
export function differsRow(
  device: string,
  at: number,
  counts = "it has other files than are known",
): string[] {
  return ["differs", "", `${counts}: noteferry resend ${device}`, "", new Date(at).toISOString()];
}
