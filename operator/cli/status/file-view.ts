import { type Delivery, type KnownInventory, stateOf } from "../../../protocol/delivery-state.ts";
import type { KnownDevice } from "../../cloud/deliveries.ts";
import { reasonText } from "./reason-text.ts";

/** What is shown of one file of one device; `at` is when it came to that, as an ISO date. */
export type FileView = {
  path: string;
  key: string | undefined;
  sha256: string | undefined;
  state: string;
  reason: string | undefined;
  /** How its program ended, of a version that did not run. */
  ended: string | undefined;
  way: string | undefined;
  at: string;
};

export type DeviceView = { device: string; files: FileView[] };

export function deviceView({ device, files }: KnownDevice): DeviceView {
  return { device: device.device, files: files.map((file) => fileView(file, device.inventory)) };
}

export function fileView(delivery: Delivery, inventory: KnownInventory | undefined): FileView {
  const { path, announced, reported, placed } = delivery;
  const state = stateOf(delivery, inventory);
  const told = state === "announced" ? announced : reported;
  const at = Math.max(told?.at ?? 0, state === "announced" ? 0 : (placed?.at ?? 0));
  return {
    path,
    key: announced?.key ?? reported?.key,
    sha256: announced?.sha256 ?? reported?.sha256 ?? placed?.sha256,
    state,
    reason: state === "announced" ? undefined : reported?.reason,
    ended: state === "announced" ? undefined : reported?.ended,
    way: reported?.way,
    at: new Date(at).toISOString(),
  };
}

export const FILE_HEADER = ["STATE", "PATH", "REASON", "CONTENT", "SINCE"];

export function fileRow({ state, path, reason, ended, sha256, at }: FileView): string[] {
  return [state, path, reasonText(reason, ended), sha256?.slice(0, 8) ?? "", at];
}
