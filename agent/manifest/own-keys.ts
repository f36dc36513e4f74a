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
  const queued = new Set(
    queue.flatMap(({ announcement }) => {
      if (announcement === undefined || !isDeviceKey(announcement.name)) return [];
      const { seq, name } = announcement;
      const latest = latestOf(name);
      const isOld = latest?.gone === true && compareSeqs(seq ?? "", latest.seq ?? "") <= 0;
      return isOld ? [] : [pathOrKey(name)];
    }),
  );
  return (path) => {
    if (queued.has(path)) return true;
    const key = `devices/${device}/${path}`;
    const latest = latestOf(key);
    if (latest !== undefined) return latest.gone !== true;
    return installed.get(path)?.name === key;
  };
}
