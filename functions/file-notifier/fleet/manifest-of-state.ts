import type { FleetFile, FleetState } from "../../../protocol/fleet-state.ts";
import {
  type Manifest,
  type ManifestFile,
  type ManifestVersion,
  ownKey,
} from "../../../protocol/manifest.ts";
import { pathIn } from "./room.ts";

/** What the devices of a fleet should have. Of two keys for one path, that in the fleet's own folder counts. [NF-11.1] */
export function manifestOfState(
  { fleet, files }: FleetState,
  { serial, prune }: { serial: number; prune: boolean },
): Manifest {
  const byPath = new Map<string, ManifestFile>();
  for (const [key, file] of Object.entries(files)) {
    const path = pathIn(key);
    if (byPath.has(path) && key !== ownKey(fleet, path)) continue;
    byPath.set(path, entryOf(path, key, file));
  }
  return { fleet, serial, prune, files: [...byPath.values()] };
}

function entryOf(path: string, key: string, file: FleetFile): ManifestFile {
  const { seq, share, previous } = file;
  return {
    ...{ path, key, ...versionOf(file), seq, share },
    previous: share === undefined || previous === undefined ? undefined : versionOf(previous),
  };
}

function versionOf({
  size,
  sha256,
  version,
  z,
  p,
}: Pick<FleetFile, "size" | "sha256" | "version" | "z" | "p">): ManifestVersion {
  return { size, sha256, version, z, p };
}
