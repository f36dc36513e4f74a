import { pathOrKey } from "../../protocol/target.ts";
import type { InstalledFile } from "../state/installed-files.ts";
import type { FleetManifest } from "./decide.ts";

/** A file that is to be removed. */
export type Leaving = { fleet: string; place: string; file: InstalledFile };

/**
 * What a fleet's manifest had brought, and nothing asks for any more. A fleet that the device has left removes nothing. [NF-11.11] [NF-11.10]
 *
 * @param installed by where the files really are
 * @param isAsked whether anything else asks for a file at a path
 */
export function leavingFiles(
  manifests: readonly FleetManifest[],
  installed: ReadonlyMap<string, InstalledFile>,
  isAsked: (path: string) => boolean,
): Leaving[] {
  const pruning = new Set(
    manifests.filter(({ manifest, left }) => manifest.prune && !left).map(({ manifest }) => manifest.fleet),
  );
  if (pruning.size === 0) return [];
  const named = new Set(manifests.flatMap(({ manifest }) => manifest.files.map(({ path }) => path)));
  return [...installed].flatMap(([place, file]): Leaving[] => {
    const { fleet } = file;
    if (fleet === undefined || !pruning.has(fleet)) return [];
    const path = pathOrKey(file.name);
    return named.has(path) || named.has(place) || isAsked(path) ? [] : [{ fleet, place, file }];
  });
}
