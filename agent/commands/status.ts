import { stat } from "node:fs/promises";
import path from "node:path";
import { addressKey } from "../../protocol/target.ts";
import { type InstalledFile, readInstalledFiles } from "../state/installed-files.ts";
import { readKeptManifests } from "../state/kept-manifests.ts";
import { type LastFailure, readLastFailures } from "../state/last-failures.ts";
import { readLatestVersions } from "../state/latest-versions.ts";
import { listPartialFiles } from "../state/partial-files.ts";
import { readRoot } from "../state/recorded-root.ts";
import { StateFolderUnusable } from "../state/state-folder.ts";
import { readWaitingUnits, type WaitingUnit } from "../state/waiting-units.ts";
import { errnoOf } from "../system/errno.ts";
import { type FailedVersion, readFailedVersions } from "../trial/failed-versions.ts";
import { readStoppedPrograms, type StoppedProgram } from "../trial/stopped-programs.ts";
import { readTrials } from "../trial/trials.ts";
import { adviceFor } from "./advice.ts";
import { createComparison, type OnDisk } from "./compare-files.ts";
import { type FleetFile, fleetFiles } from "./fleet-status.ts";

/** What a state folder tells, and what the disk says to it, also while an agent works with it. */
export type Status = {
  /** `onDisk` is absent where no agent has recorded its root yet. */
  installed: ({ path: string } & InstalledFile & Partial<OnDisk>)[];
  underWay: { name: string; path: string; bytes: number; size: number }[];
  /**
   * Versions that do not run. The one before is back at their path, unless the disk did not allow that; `inPlace` if somebody has
   * put the failed one there by hand since.
   */
  failed: ({ path: string; inPlace: boolean } & FailedVersion)[];
  /** Deliveries that failed last, oldest first; with `retryAt` the agent tries them again by itself. `advice` is what to do. */
  failures: ({ name: string; path: string; advice?: string | undefined } & LastFailure)[];
  /** Files of one rule that are put in their places once all of them can be; `lacks` are those that fail for now. */
  units: WaitingUnit[];
  /** Programs that were kept running and ended by themselves. */
  stopped: ({ path: string } & StoppedProgram)[];
  /** What manifests of fleets ask for. */
  fleets: FleetFile[];
  /** Keys that the bucket does not have any more. Their files stay. */
  gone: { name: string; path: string }[];
};

/** The folder that every agent makes in its state folder before anything else. */
const PARTIAL = "partial";

/** @throws {StateFolderUnusable} if no agent has ever worked with this folder, or it is not ours to read. */
export async function readStatus(state: string): Promise<Status> {
  await checkStateFolder(state);
  const record = (name: string) => path.join(state, name);
  const [underWay, failed, failures, stopped, latest, units] = await Promise.all([
    listPartialFiles(record(PARTIAL)),
    readFailedVersions(record("failed.json")),
    readLastFailures(record("failures.json")),
    readStoppedPrograms(record("stopped.json")),
    readLatestVersions(record("latest.json")),
    readWaitingUnits(record("units.json")),
  ]);
  const root = await readRoot(record("root.json"));
  const digest = root === undefined ? async () => undefined : createComparison(root).digest;
  const inPlace = async (filePath: string, sha256: string) =>
    (await digest(filePath).catch(() => undefined)) === sha256;
  return {
    installed: await readInstalled(state, root),
    underWay: underWay
      .map(({ sha256, ...partial }) => ({ ...partial, path: pathOf(partial.name), sha256 }))
      // What is kept of a unit that failed is not on its way.
      .filter(({ path: each, sha256 }) => failed.get(each)?.sha256 !== sha256 || units.some(has(each)))
      .map(({ sha256: _, ...partial }) => partial),
    units: [...units],
    failed: await Promise.all(
      [...failed].map(async ([filePath, file]) => ({
        ...{ path: filePath, ...file },
        inPlace: file.reason === "run" && (await inPlace(filePath, file.sha256)),
      })),
    ),
    failures: [...failures].map(([name, failure]) => ({
      ...{ name, path: pathOf(name), ...failure },
      advice: adviceFor(failure.reason, pathOf(name)),
    })),
    stopped: [...stopped].map(([filePath, program]) => ({ path: filePath, ...program })),
    fleets: fleetFiles(
      await readKeptManifests(state),
      await readInstalledFiles(record("installed.json")),
      latest,
    ),
    gone: [...latest].filter(([, { gone }]) => gone).map(([name]) => ({ name, path: pathOf(name) })),
  };
}

const has =
  (filePath: string) =>
  ({ paths }: WaitingUnit) =>
    paths.includes(filePath);

/** One after the other: each costs reading the whole file. */
async function readInstalled(state: string, root: string | undefined): Promise<Status["installed"]> {
  const read = () => readInstalledFiles(path.join(state, "installed.json"));
  const entries: Status["installed"] = [];
  const comparison = root === undefined ? undefined : createComparison(root);
  for (const [filePath, file] of await read()) {
    const look = async (recorded: InstalledFile): Promise<Status["installed"][number]> => {
      const onTrial = (await readTrials(path.join(state, "trials"))).flatMap(({ members }) => members);
      const trial = onTrial.find((member) => member.path === filePath);
      return {
        path: filePath,
        ...recorded,
        ...(await comparison?.compare(filePath, recorded, trial?.version.sha256)),
      };
    };
    const entry = await look(file);
    // The agent may have installed another version just now, and recorded it only after we had read the record.
    const newer = entry.onDisk === "changed" ? (await read()).get(filePath) : undefined;
    entries.push(newer === undefined || newer.sha256 === file.sha256 ? entry : await look(newer));
  }
  return entries;
}

/** A refused key has no path: it stands for itself. */
function pathOf(name: string): string {
  try {
    return addressKey(name).path;
  } catch {
    return name;
  }
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
