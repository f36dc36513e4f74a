import { KeyRefused } from "../../../protocol/key-refused.ts";
import { MANIFEST_MAX_FILES } from "../../../protocol/limits.ts";
import { addressKey } from "../../../protocol/target.ts";

/** The paths of a fleet's keys, and the folders that they lie in. */
export type Places = { keys: Set<string>; add(key: string): void; remove(key: string): void } & {
  paths: ReadonlyMap<string, number>;
  folders: ReadonlyMap<string, number>;
};

export function placesOf(keys: Iterable<string>): Places {
  const paths = new Map<string, number>();
  const folders = new Map<string, number>();
  const known = new Set<string>();
  const count = (counts: Map<string, number>, name: string, by: number) =>
    counts.set(name, (counts.get(name) ?? 0) + by);
  const change = (key: string, by: number) => {
    const path = pathIn(key);
    count(paths, path, by);
    for (const folder of foldersOf(path)) count(folders, folder, by);
  };
  const places: Places = {
    ...{ keys: known, paths, folders },
    add(key) {
      if (known.has(key)) return;
      known.add(key);
      change(key, 1);
    },
    remove(key) {
      if (known.delete(key)) change(key, -1);
    },
  };
  for (const key of keys) places.add(key);
  return places;
}

/** Why a new key finds no room among those of its fleet; undefined if it does. A file cannot be where a folder is. [NF-11.1] */
export function checkRoom(places: Places, key: string): KeyRefused | undefined {
  if (places.keys.size >= MANIFEST_MAX_FILES)
    return new KeyRefused(
      "too-many-files",
      `the fleet has ${MANIFEST_MAX_FILES} files, and may have no more`,
    );
  const path = pathIn(key);
  const isTaken = (places.folders.get(path) ?? 0) > 0;
  const inTheWay = foldersOf(path).find((folder) => (places.paths.get(folder) ?? 0) > 0);
  if (!isTaken && inTheWay === undefined) return undefined;
  const sentence = isTaken
    ? "other files of the fleet lie below this path"
    : `another file of the fleet is ${inTheWay}, which cannot be a folder`;
  return new KeyRefused("folder-conflict", sentence);
}

/** @throws {KeyRefused} for a key that has no path; none such is in a state. */
export function pathIn(key: string): string {
  return addressKey(key).path;
}

function foldersOf(path: string): string[] {
  const segments = path.split("/");
  return segments.slice(1).map((_, at) => segments.slice(0, at + 1).join("/"));
}
