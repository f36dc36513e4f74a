import { stat } from "node:fs/promises";
import path from "node:path";
import { addressKey } from "../../protocol/target.ts";
import { printable } from "../events/print-events.ts";
import { type InstalledFile, readInstalledFiles } from "../state/installed-files.ts";
import { listPartialFiles } from "../state/partial-files.ts";
import { StateFolderUnusable } from "../state/state-folder.ts";
import { errnoOf } from "../system/errno.ts";
import { type FailedVersion, readFailedVersions } from "../trial/failed-versions.ts";

/** What a state folder tells, also while an agent works with it. */
export type Status = {
  installed: ({ path: string } & InstalledFile)[];
  underWay: { name: string; path: string; bytes: number; size: number }[];
  /** Versions that do not run. The one before is back at their path, unless the disk did not allow that. */
  failed: ({ path: string } & FailedVersion)[];
};

/** The folder that every agent makes in its state folder before anything else. */
const PARTIAL = "partial";

/** @throws {StateFolderUnusable} if no agent has ever worked with this folder, or it is not ours to read. */
export async function readStatus(state: string): Promise<Status> {
  await checkStateFolder(state);
  const [installed, underWay, failed] = await Promise.all([
    readInstalledFiles(path.join(state, "installed.json")),
    listPartialFiles(path.join(state, PARTIAL)),
    readFailedVersions(path.join(state, "failed.json")),
  ]);
  return {
    installed: [...installed].map(([filePath, file]) => ({ path: filePath, ...file })),
    underWay: underWay.map((partial) => ({ ...partial, path: addressKey(partial.name).path })),
    failed: [...failed].map(([filePath, file]) => ({ path: filePath, ...file })),
  };
}

/** A misspelt folder would look like a device to which nothing was delivered. */
export async function checkStateFolder(state: string): Promise<void> {
  try {
    await stat(path.join(state, PARTIAL));
  } catch (cause) {
    const unreadable = errnoOf(cause) === "EACCES";
    throw new StateFolderUnusable(
      unreadable
        ? `the state folder ${state} may not be read: ask as root, or as the user that the agent runs as`
        : `${state} is no agent's state folder: give the one that \`run\` is given, once it has been started`,
      { cause },
    );
  }
}

/** A paragraph for each path, which begins with what is in its place. */
export function formatStatus(status: Status): string {
  const all = [...status.installed, ...status.underWay, ...status.failed];
  const paths = [...new Set(all.map((each) => each.path))].toSorted();
  if (paths.length === 0) return "nothing was delivered yet\n";
  return paths.map((each) => `${printable(each)}\n${linesOf(each, status).join("")}`).join("");
}

function linesOf(filePath: string, { installed, underWay, failed }: Status): string[] {
  const here = ({ path: each }: { path: string }) => each === filePath;
  return [
    ...installed
      .filter(here)
      .map(({ size, installedAt, etag }) => `  installed  ${size} bytes, ${installedAt}, etag ${etag}\n`),
    ...underWay.filter(here).map(({ bytes, size }) => `  under way  ${bytes} of ${size} bytes\n`),
    ...failed
      .filter(here)
      .map(
        ({ reason, detail }) =>
          `  failed     another version: ${printable(detail)}; ${whatCame(reason, installed.some(here))}\n`,
      ),
  ];
}

/** What is in the place of a version that does not run. */
function whatCame(reason: string, another: boolean): string {
  if (reason === "run-not-restored")
    return "the disk did not let the one before be put back, and it may still be in its place";
  return `it was taken back, and ${another ? "the installed one is back in its place" : "nothing is in its place"}`;
}
