import * as v from "valibot";
import { ManifestReceipt } from "./manifest-receipt.ts";
import { isLater, REPORT_ORDER } from "./report-order.ts";

/** What a device said of a fleet's manifest, and when Notehub received that, in milliseconds since the epoch. [NF-11.12] */
export const KnownManifest = v.object({ ...ManifestReceipt.entries, ...REPORT_ORDER, at: v.number() });

/** What is known of one device and one fleet's manifest: the newest that it said. */
export const DeviceManifest = v.object({ device: v.string(), said: KnownManifest });

export type KnownManifest = v.InferOutput<typeof KnownManifest>;
export type DeviceManifest = v.InferOutput<typeof DeviceManifest>;

/** The same object where what is said is not the newest. */
export function withManifestReceipt(
  known: DeviceManifest | undefined,
  device: string,
  said: KnownManifest,
): DeviceManifest {
  return known !== undefined && !isLater(said, known.said) ? known : { device, said };
}

/** Paths that are not as the manifest says. */
export function countExceptions({ not = [], exceptions }: Pick<KnownManifest, "not" | "exceptions">): number {
  return Math.max(not.length, exceptions ?? 0);
}

/** Whether a path is as the manifest says; undefined where the list of what is not has no room for all. */
export function isAsItSays(
  said: Pick<KnownManifest, "not" | "exceptions">,
  path: string,
): boolean | undefined {
  if (said.not?.some(([listed]) => listed === path)) return false;
  return countExceptions(said) > (said.not?.length ?? 0) ? undefined : true;
}
