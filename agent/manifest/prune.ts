import { pathOrKey } from "../../protocol/target.ts";
import type { InstalledFile } from "../state/installed-files.ts";
import type { AskedFile, FleetManifest } from "./decide.ts";

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
): AskedFile[] {
  const pruning = new Set(
    manifests.filter(({ manifest, left }) => manifest.prune && !left).map(({ manifest }) => manifest.fleet),
  );
  if (pruning.size === 0) return [];
  const named = new Set(manifests.flatMap(({ manifest }) => manifest.files.map(({ path }) => path)));
  return [...installed].flatMap(([place, { fleet, name: key, size, sha256, version }]): AskedFile[] => {
    if (fleet === undefined || version === undefined || !pruning.has(fleet)) return [];
    const path = pathOrKey(key);
    if (named.has(path) || named.has(place) || isAsked(path)) return [];
    const wanted = { size, sha256, version };
    return [
      { fleet, path, key, wanted, seq: undefined, isHeldBack: false, authority: "manifest", remove: true },
    ];
  });
}
