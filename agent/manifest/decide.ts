import type { Manifest, ManifestVersion } from "../../protocol/manifest.ts";
import { type DeviceFile, manifestForDevice } from "../../protocol/manifest-for-device.ts";
import { compareSeqs, type Seq } from "../../protocol/seq.ts";
import type { InstalledFile } from "../state/installed-files.ts";
import type { LatestVersion } from "../state/latest-versions.ts";

/**
 * Who says what should be at a path that a manifest names. `manifest`: this one. `own-key`: a key of the device's own. `other-fleet`: the
 * manifest of another fleet. `newer`: a Note of the same key, with a higher `seq`, has brought another content.
 */
export type Authority = "manifest" | "own-key" | "other-fleet" | "newer";

/** A file that a fleet's manifest asks a device for. */
export type AskedFile = {
  fleet: string;
  path: string;
  key: string;
  wanted: ManifestVersion;
  /** Where the wanted version stands in the order; undefined where that is not known. */
  seq: Seq | undefined;
  isHeldBack: boolean;
  /** The variable of its fleet is not there any more: where the order is not known, a Note counts. [NF-11.13] */
  isWithdrawn: boolean;
  authority: Authority;
  /** It has left the manifest, and is to go: `wanted` is what the manifest had brought. [NF-11.11] */
  remove?: true;
};

/** A fleet's manifest. `left`: its variable is missing among others; `withdrawn`: it is missing now. */
export type FleetManifest = { manifest: Manifest; left: boolean; withdrawn: boolean };

/** What else a device has been told. */
export type OtherWord = {
  /** Whether a key of the device's own asks for something at a path, or did and is not gone. [NF-2.6] */
  hasOwnKey(path: string): boolean;
  latestOf(key: string): LatestVersion | undefined;
  /** What was put at a path last. */
  installedAt(path: string): Pick<InstalledFile, "name" | "sha256" | "version"> | undefined;
};

/**
 * Of one path the first of these counts. A thing's own manifest comes before those of its groups [NF-13.1]. Fleets that the device has left come
 * last: it keeps their files, but asks those it is in first. [NF-11.10]
 */
export function inTurn(manifests: readonly FleetManifest[], device: string): FleetManifest[] {
  const isOwn = ({ manifest }: FleetManifest) => manifest.fleet === device;
  return manifests.toSorted((a, b) => {
    if (isOwn(a) !== isOwn(b)) return isOwn(a) ? -1 : 1;
    if (a.left !== b.left) return a.left ? 1 : -1;
    return a.manifest.fleet < b.manifest.fleet ? -1 : 1;
  });
}

/** What the manifests of its fleets ask of a device, and who counts at each path. [NF-11.8] [NF-11.9] [NF-11.10] [NF-11.13] */
export function decide(
  manifests: readonly FleetManifest[],
  device: string,
  { hasOwnKey, latestOf, installedAt }: OtherWord,
): AskedFile[] {
  const isOvertaken = ({ path, key, wanted, seq, isWithdrawn }: Omit<AskedFile, "authority">) => {
    const there = installedAt(path);
    // What a manifest brought, a later one replaces, whatever their sequencers. What a Note brought of its content counts as its own.
    const isByNote = there?.name === key && there.version === undefined && there.sha256 !== wanted.sha256;
    return isByNote && isLater(latestOf(key)?.seq, { seq, isWithdrawn });
  };
  const taken = new Set<string>();
  return inTurn(manifests, device).flatMap(({ manifest, withdrawn: isWithdrawn }) =>
    manifestForDevice(manifest, device).map((asked: DeviceFile): AskedFile => {
      const { file, wanted, isHeldBack } = asked;
      const { path, key } = file;
      const seq = isHeldBack ? undefined : file.seq; // it is that of the version which is held back
      const isFirst = !taken.has(path);
      taken.add(path);
      const its = { fleet: manifest.fleet, path, key, wanted, seq, isHeldBack, isWithdrawn };
      const authority = hasOwnKey(path)
        ? "own-key"
        : !isFirst
          ? "other-fleet"
          : isOvertaken(its)
            ? "newer"
            : "manifest";
      return { ...its, authority };
    }),
  );
}

/** Whether a Note counts over what a manifest says of its key. Where one is unknown the manifest does, as long as it is announced. [NF-11.13] */
export function isLater(seq: Seq | undefined, than: Pick<AskedFile, "seq" | "isWithdrawn">): boolean {
  if (seq === undefined) return false;
  return than.seq === undefined ? than.isWithdrawn : compareSeqs(seq, than.seq) > 0;
}
