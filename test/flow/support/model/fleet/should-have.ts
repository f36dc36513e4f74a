import { ownKey } from "../../../../../protocol/manifest.ts";
import { isInShare, saltOf } from "../../../../../protocol/share.ts";
import { DEFAULT_FLEET, isBad, isOfProgram, PATHS } from "./places.ts";

export type Version = { versionId: string; bytes: Buffer };

/** What counts once all has settled. */
export type Say = {
  /** What the bucket has at a key. */
  current(key: string): Version | undefined;
  /** The part of its fleet that a version is for, in percent. */
  percent(versionId: string): number;
  /** That it was uploaded in. */
  release(versionId: string): string | undefined;
  /** The last version of a key that was for the whole fleet; `gone`: it is not in the bucket any more. */
  previous(fleet: string, key: string): Version | "gone" | undefined;
  /** What that was, where it is gone. */
  gone(fleet: string, key: string): Buffer | undefined;
  /** Fleets of a device. */
  fleetsOf(device: string): readonly string[];
  /** Whether all that may be at a path of a device a manifest has brought, and is to be removed once none names it. */
  isPruned(device: string, path: string): boolean;
};

/** What a device should have at a path: this content; nothing; what it has, whatever that is; or a version that runs. */
export type Wanted = Buffer | "nothing" | "what it has" | "what runs";

/**
 * The specification: what a device should have.
 *
 * Its own key says it, else the first of its fleets that has something for this device there, by the key in the fleet's folder before that of
 * the default target. Outside the share of a version, the version before is meant. Where nothing is said, or what is meant is gone, the device
 * keeps what it has, unless what no manifest names is removed. A program of which one file is bad is as it last ran.
 */
export function shouldHave(device: string, path: string, say: Say): Wanted {
  const isFailing = (each: string) =>
    isBad(meant(device, each, say)) || isBad(meantAndGone(device, each, say));
  if (isOfProgram(path) && PATHS.some((each) => isOfProgram(each) && isFailing(each))) return "what runs";
  const isNamed = say.fleetsOf(device).some((fleet) => keyOf(fleet, path, say) !== undefined);
  const otherwise = !isNamed && say.isPruned(device, path) ? "nothing" : "what it has";
  return meant(device, path, say) ?? otherwise;
}

function meant(device: string, path: string, say: Say): Buffer | undefined {
  const own = say.current(`devices/${device}/${path}`);
  if (own !== undefined) return own.bytes;
  for (const fleet of say.fleetsOf(device).toSorted()) {
    const key = keyOf(fleet, path, say);
    const newest = key === undefined ? undefined : say.current(key);
    if (key === undefined || newest === undefined) continue;
    if (
      isInShare(
        [say.percent(newest.versionId), saltOf(newest.versionId, say.release(newest.versionId))],
        device,
      )
    )
      return newest.bytes;
    const before = say.previous(fleet, key);
    if (before !== undefined) return before === "gone" ? undefined : before.bytes;
  }
  return undefined;
}

/** A version that is meant and gone, which the device may have tried while it was there: one that does not run stays condemned. */
function meantAndGone(device: string, path: string, say: Say): Buffer | undefined {
  if (say.current(`devices/${device}/${path}`) !== undefined) return undefined;
  for (const fleet of say.fleetsOf(device).toSorted()) {
    const key = keyOf(fleet, path, say);
    const newest = key === undefined ? undefined : say.current(key);
    if (key === undefined || newest === undefined) continue;
    const share: [number, string] = [
      say.percent(newest.versionId),
      saltOf(newest.versionId, say.release(newest.versionId)),
    ];
    if (isInShare(share, device)) return undefined;
    const before = say.previous(fleet, key);
    if (before !== undefined) return before === "gone" ? say.gone(fleet, key) : undefined;
  }
  return undefined;
}

/** The key by which a fleet has something at a path. */
function keyOf(fleet: string, path: string, say: Say): string | undefined {
  const keys = [ownKey(fleet, path), ...(fleet === DEFAULT_FLEET ? [path] : [])];
  return keys.find((each) => say.current(each) !== undefined);
}
