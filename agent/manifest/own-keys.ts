import { compareSeqs } from "../../protocol/seq.ts";
import { isDeviceKey, pathOrKey } from "../../protocol/target.ts";
import type { AskingNote } from "../delivery/plan.ts";
import type { InstalledFile } from "../state/installed-files.ts";
import type { LatestVersion } from "../state/latest-versions.ts";

/**
 * Tells whether a key of the device's own counts at a path: one that waits in the queue, one that was settled, whatever came of it, or one by which
 * the file was installed; until it is gone. [NF-11.10] [NF-2.6]
 */
export function ownKeys(
  device: string,
  queue: readonly AskingNote[],
  latestOf: (key: string) => LatestVersion | undefined,
  installed: ReadonlyMap<string, InstalledFile>,
): (path: string) => boolean {
  const queued = new Set(queuedPaths(queue, latestOf));
  return (path) => {
    if (queued.has(path)) return true;
    const key = `devices/${device}/${path}`;
    const latest = latestOf(key);
    if (latest !== undefined) return latest.gone !== true;
    return installed.get(path)?.name === key;
  };
}

/** Paths of the device's own keys that wait in the queue. */
function queuedPaths(
  queue: readonly AskingNote[],
  latestOf: (key: string) => LatestVersion | undefined,
): string[] {
  return queue.flatMap(({ announcement }) => {
    if (announcement === undefined || !isDeviceKey(announcement.name)) return [];
    const { seq, name } = announcement;
    const latest = latestOf(name);
    const isOld = latest?.gone === true && compareSeqs(seq ?? "", latest.seq ?? "") <= 0;
    return isOld ? [] : [pathOrKey(name)];
  });
}

/**
 * The places of files that belong to keys of the device's own: a manifest's path may lead there by symbolic links, as may the key's.
 *
 * @param latest what was settled, by key
 * @param installed by places
 */
export async function ownPlaces(
  device: string,
  queue: readonly AskingNote[],
  latest: ReadonlyMap<string, LatestVersion>,
  installed: ReadonlyMap<string, InstalledFile>,
  realPath: (path: string) => Promise<string>,
): Promise<ReadonlySet<string>> {
  const prefix = `devices/${device}/`;
  const isOwn = (key: string) => key.startsWith(prefix) && latest.get(key)?.gone !== true;
  const paths = queuedPaths(queue, (key) => latest.get(key));
  for (const key of latest.keys()) if (isOwn(key)) paths.push(pathOrKey(key));
  const places = new Set<string>();
  for (const path of new Set(paths)) places.add(await realPath(path));
  for (const [place, { name }] of installed) if (isOwn(name)) places.add(place);
  return places;
}
