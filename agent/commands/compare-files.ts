import { realpath } from "node:fs/promises";
import { installFailureOf } from "../install/install-failed.ts";
import { openPlace } from "../install/place.ts";
import { digestOf } from "../install/read-file.ts";
import type { InstalledFile } from "../state/installed-files.ts";
import { mountOf, readMounts, realPlace } from "../system/mounts.ts";

/**
 * What is in a file's place, compared with the record. `hidden`: something is mounted over it since. `unmounted`: the disk that
 * held it is not mounted. `on-trial`: a newer version, whose program has not shown yet that it runs. `unknown`: it cannot be read.
 */
export type OnDisk = {
  onDisk: "as-installed" | "gone" | "changed" | "on-trial" | "hidden" | "unmounted" | "unknown";
  /** Where it can be said. */
  why?: string;
};

/** Looks at files below a root and changes nothing. */
export type Comparison = {
  digest(filePath: string): Promise<string | undefined>;
  compare(filePath: string, file: Pick<InstalledFile, "sha256" | "mount">, onTrial?: string): Promise<OnDisk>;
};

/** @param mounts where file systems are mounted now */
export function createComparison(
  root: string,
  mounts: Promise<readonly string[]> = readMounts(),
): Comparison {
  async function digest(filePath: string): Promise<string | undefined> {
    const real = await realpath(root).catch(() => undefined);
    const place = real === undefined ? undefined : await openPlace(real, filePath, false);
    try {
      return place === undefined ? undefined : await digestOf(place);
    } finally {
      await place?.folder.close();
    }
  }

  return {
    digest,
    async compare(filePath, { sha256, mount }, onTrial) {
      let there: string | undefined;
      try {
        there = await digest(filePath);
      } catch (error) {
        return { onDisk: "unknown", why: installFailureOf(error).message };
      }
      if (there === sha256) return { onDisk: "as-installed" };
      if (there !== undefined && there === onTrial) return { onDisk: "on-trial" };
      const now = mountOf(await mounts, await realPlace(`${root}/${filePath}`));
      return movedMount(mount, now) ?? { onDisk: there === undefined ? "gone" : "changed" };
    },
  };
}

/** @param before the mount that held a file when it was installed */
function movedMount(before: string | undefined, now: string | undefined): OnDisk | undefined {
  if (before === undefined || now === undefined || before === now) return undefined;
  return now.length > before.length
    ? { onDisk: "hidden", why: `something is mounted at ${now} now, which hides it` }
    : { onDisk: "unmounted", why: `when it was installed, a disk was mounted at ${before}` };
}
