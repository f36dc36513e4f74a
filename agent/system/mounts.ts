import { realpath } from "node:fs/promises";
import path from "node:path";
import { readKernelText } from "./kernel-text.ts";

/** Where file systems are mounted. Only Linux tells. https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
export async function readMounts(): Promise<string[]> {
  const text = await readKernelText("/proc/self/mountinfo").catch(() => "");
  return text.split("\n").flatMap((line) => {
    const place = line.split(" ")[4];
    return place === undefined
      ? []
      : [place.replaceAll(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)))];
  });
}

/** The mount that holds a file, which need not be there; undefined where nobody tells. */
export function mountOf(mounts: readonly string[], file: string): string | undefined {
  const holding = mounts.filter(
    (mount) => file === mount || file.startsWith(mount === "/" ? "/" : `${mount}/`),
  );
  return holding.toSorted((a, b) => a.length - b.length).at(-1);
}

/** The path of a file without symbolic links, as far as its folders are there. */
export async function realPlace(file: string): Promise<string> {
  const folder = await realpath(path.dirname(file)).catch(() => path.dirname(file));
  return path.join(folder, path.basename(file));
}
