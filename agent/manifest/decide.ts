import type { Manifest, ManifestVersion } from "../../protocol/manifest.ts";
import { type DeviceFile, manifestForDevice } from "../../protocol/manifest-for-device.ts";
import { compareSeqs, type Seq } from "../../protocol/seq.ts";
import type { LatestVersion } from "../state/latest-versions.ts";

/**
 * Who says what should be at a path that a manifest names. `manifest`: this one. `own-key`: a key of the device's own. `other-fleet`: the
 * manifest of another fleet. `newer`: a Note of the same key, with a higher `seq`.
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
  authority: Authority;
  /** It has left the manifest, and is to go: `wanted` is what the manifest had brought. [NF-11.11] */
  remove?: true;
};

/** A fleet's manifest. `left`: its variable is missing among others. */
export type FleetManifest = { manifest: Manifest; left: boolean };

/** What else a device has been told. */
export type OtherWord = {
  /** Whether a key of the device's own asks for something at a path, or did and is not gone. [NF-2.6] */
  hasOwnKey(path: string): boolean;
  latestOf(key: string): LatestVersion | undefined;
};

/** Of one path the first of these counts. Fleets that the device has left come last: it keeps their files, but asks those it is in first. [NF-11.10] */
export function inTurn(manifests: readonly FleetManifest[]): FleetManifest[] {
  return manifests.toSorted((a, b) => {
    if (a.left !== b.left) return a.left ? 1 : -1;
    return a.manifest.fleet < b.manifest.fleet ? -1 : 1;
  });
}

/** What the manifests of its fleets ask of a device, and who counts at each path. [NF-11.8] [NF-11.9] [NF-11.10] [NF-11.13] */
export function decide(
  manifests: readonly FleetManifest[],
  device: string,
  { hasOwnKey, latestOf }: OtherWord,
): AskedFile[] {
  const taken = new Set<string>();
  return inTurn(manifests).flatMap(({ manifest }) =>
    manifestForDevice(manifest, device).map((asked: DeviceFile): AskedFile => {
      const { file, wanted, isHeldBack } = asked;
      const { path, key } = file;
      const seq = isHeldBack ? undefined : file.seq; // it is that of the version which is held back
      const isFirst = !taken.has(path);
      taken.add(path);
      const authority = hasOwnKey(path)
        ? "own-key"
        : !isFirst
          ? "other-fleet"
          : isNewer(latestOf(key)?.seq, seq)
            ? "newer"
            : "manifest";
      return { fleet: manifest.fleet, path, key, wanted, seq, isHeldBack, authority };
    }),
  );
}

/** Where one is unknown the manifest counts. [NF-11.13] */
export function isNewer(seq: Seq | undefined, than: Seq | undefined): boolean {
  return seq !== undefined && than !== undefined && compareSeqs(seq, than) > 0;
}
