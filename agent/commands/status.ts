import path from "node:path";
import { addressKey } from "../../protocol/target.ts";
import { readFailedVersions } from "../state/failed-versions.ts";
import { type InstalledFile, readInstalledFiles } from "../state/installed-files.ts";
import { listPartialFiles } from "../state/partial-files.ts";
import { printable } from "./printable.ts";

/** What a state folder tells; it may be read while an agent works with it. */
export type Status = {
  installed: ({ path: string } & InstalledFile)[];
  underWay: { name: string; path: string; bytes: number; size: number }[];
  failed: { path: string; sha256: string; reason: string; detail: string }[];
};

/** @throws an error of the file system if the folder is not there or not ours to read. */
export async function readStatus(state: string): Promise<Status> {
  const [installed, underWay, failed] = await Promise.all([
    readInstalledFiles(path.join(state, "installed.json")),
    listPartialFiles(path.join(state, "partial")),
    readFailedVersions(path.join(state, "failed.json")),
  ]);
  return {
    installed: [...installed].map(([filePath, file]) => ({ path: filePath, ...file })),
    underWay: underWay.map((partial) => ({ ...partial, path: addressKey(partial.name).path })),
    failed: [...failed].map(([filePath, file]) => ({ path: filePath, ...file })),
  };
}

export function formatStatus({ installed, underWay, failed }: Status): string {
  const lines = [
    ...installed.map(
      ({ path: place, size, installedAt, etag }) =>
        `installed  ${printable(place)}  ${size} bytes, ${installedAt}, etag ${etag}`,
    ),
    ...underWay.map(
      ({ path: place, bytes, size }) => `under way  ${printable(place)}  ${bytes} of ${size} bytes`,
    ),
    ...failed.map(
      ({ path: place, reason, detail }) => `failed     ${printable(place)}  ${reason}: ${printable(detail)}`,
    ),
  ];
  return lines.length === 0 ? "nothing was delivered yet\n" : `${lines.join("\n")}\n`;
}
