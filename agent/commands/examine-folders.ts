import { constants } from "node:fs";
import { access, realpath, stat, statfs } from "node:fs/promises";
import path from "node:path";
import { isInside } from "../state/state-folder.ts";
import { errnoOf } from "../system/errno.ts";
import { type Finding, look } from "./finding.ts";

/** Bytes below which a disk is as good as full. */
const LITTLE_BYTES = 16 * 1024 * 1024;

/** Looks at the folders and makes none: the agent's user could not write to one that `sudo` made. */
export async function examineFolders({ root, state }: { root: string; state: string }): Promise<Finding[]> {
  return [
    await look("root", `make ${root}, and let the agent's user write to it`, async () => {
      await access(root, constants.W_OK | constants.X_OK);
      const { bavail, bsize } = await statfs(root);
      if (bavail * bsize < LITTLE_BYTES) throw new Error(`only ${bavail * bsize} bytes are free`);
      return `${root}, ${Math.floor((bavail * bsize) / 1024 / 1024)} MiB free`;
    }),
    await look("state", `choose a folder outside ${root} that the agent's user may write to`, async () => {
      const { real, missing } = await nearestFolder(path.resolve(state));
      const place = path.join(real, missing);
      if (isInside(place, await realpath(root).catch(() => path.resolve(root)))) {
        throw new Error(`${place} is inside the root ${root}`);
      }
      if (!(await stat(real)).isDirectory()) throw new Error(`${real} is no folder`);
      await access(real, constants.W_OK | constants.X_OK);
      return missing === "" ? place : `${place}, which the agent makes at its first start`;
    }),
  ];
}

/** The real path of a folder, or of its nearest parent that exists, and what is missing from there. */
async function nearestFolder(folder: string): Promise<{ real: string; missing: string }> {
  try {
    return { real: await realpath(folder), missing: "" };
  } catch (error) {
    const parent = path.dirname(folder);
    if (errnoOf(error) !== "ENOENT" || parent === folder) throw error;
    const { real, missing } = await nearestFolder(parent);
    return { real, missing: path.join(missing, path.basename(folder)) };
  }
}
