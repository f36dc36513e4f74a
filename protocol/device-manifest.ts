import * as v from "valibot";
import { exceptionsIn } from "./manifest-exceptions.ts";
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
export function countExceptions(said: Pick<KnownManifest, "not" | "alike" | "exceptions">): number {
  return Math.max(exceptionsIn(said).length, said.exceptions ?? 0);
}

/** Whether a path is as the manifest says; undefined where the list of what is not has no room for all. */
export function isAsItSays(
  said: Pick<KnownManifest, "not" | "alike" | "exceptions">,
  path: string,
): boolean | undefined {
  const listed = exceptionsIn(said);
  if (listed.some((each) => each.path === path)) return false;
  return (said.exceptions ?? 0) > listed.length ? undefined : true;
}
