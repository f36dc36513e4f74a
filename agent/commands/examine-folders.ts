import { constants } from "node:fs";
import { access, realpath, stat, statfs } from "node:fs/promises";
import path from "node:path";
import { faultOfStateFolder, isInside } from "../state/state-folder.ts";
import { resolveTrusted } from "../system/trusted-path.ts";
import { examineWritable } from "./examine-writable.ts";
import { type Finding, look } from "./finding.ts";

/** Bytes below which a disk is as good as full. */
const LITTLE_BYTES = 16 * 1024 * 1024;

/** Looks at the folders and makes none: the agent's user could not write to one that `sudo` made. */
export async function examineFolders({ root, state }: { root: string; state: string }): Promise<Finding[]> {
  const found = [
    await look("root", `make ${root}, and let the agent's user write to it`, async () => {
      await access(root, constants.W_OK | constants.X_OK);
      const { bavail, bsize } = await statfs(root);
      if (bavail * bsize < LITTLE_BYTES) throw new Error(`only ${bavail * bsize} bytes are free`);
      return `${root}, ${Math.floor((bavail * bsize) / 1024 / 1024)} MiB free`;
    }),
    await look(
      "state",
      `choose a folder outside ${root} that the agent's user alone may write to, and run this as that user`,
      async () => {
        const { real, missing } = await resolveTrusted(path.resolve(state));
        const place = path.join(real, missing);
        if (isInside(place, await realpath(root).catch(() => path.resolve(root)))) {
          throw new Error(`${place} is inside the root ${root}`);
        }
        if (!(await stat(real)).isDirectory()) throw new Error(`${real} is no folder`);
        await access(real, constants.W_OK | constants.X_OK);
        const fault = missing === "" ? await faultOfStateFolder(real, real) : undefined;
        if (fault !== undefined) throw new Error(fault);
        return missing === "" ? place : `${place}, which the agent makes at its first start`;
      },
    ),
  ];
  const realOf = (folder: string) => realpath(folder).catch(() => path.resolve(folder));
  return [...found, ...(await examineWritable({ root: await realOf(root), state: await realOf(state) }))];
}
