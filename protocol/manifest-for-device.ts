import type { Manifest, ManifestFile, ManifestVersion } from "./manifest.ts";
import { isInShare } from "./share.ts";

/** What one device should have at a path. `isHeldBack`: its share of the newest version has not come yet. */
export type DeviceFile = { file: ManifestFile; wanted: ManifestVersion; isHeldBack: boolean };

/** What a manifest asks of one device; a file whose share it is not in, and that had no version before, asks nothing. [NF-11.8] [NF-11.9] */
export function manifestForDevice({ files }: Pick<Manifest, "files">, deviceUid: string): DeviceFile[] {
  return files.flatMap((file): DeviceFile[] => {
    const { share, previous } = file;
    if (share === undefined || isInShare(share, deviceUid))
      return [{ file, wanted: file, isHeldBack: false }];
    return previous === undefined ? [] : [{ file, wanted: previous, isHeldBack: true }];
  });
}
