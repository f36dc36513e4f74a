import { stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { printable } from "../events/print-events.ts";
import { createInstaller, type Installer } from "../install/installer.ts";
import { lockStateFolder, StateFolderTaken } from "../state/lock-folder.ts";
import { openStateFolder } from "../state/state-folder.ts";
import { errnoOf } from "../system/errno.ts";
import { checkRootOfTrials } from "../trial/check-root.ts";
import { openPreviousFiles } from "../trial/previous-files.ts";
import { lookAtUnits, type Recovered, recoverUnits } from "../trial/recover-units.ts";
import { openTrials, readTrials } from "../trial/trials.ts";
import type { SettingsOf } from "./run-settings.ts";

/** Milliseconds that a running agent has to bring its units together, and between two looks whether it has. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 100;

/**
 * Finishes or undoes what a crash left half in place, so that a program which is started next finds all of a unit or nothing of it.
 * It needs no link and starts no program. Where an agent runs, that does the work, and is waited for.
 *
 * @throws {StateFolderUnusable} or an error of the file system; the signal's reason
 */
export async function recover(
  { root, state }: Pick<SettingsOf<"recover">, "root" | "state">,
  signal: AbortSignal,
): Promise<Recovered[]> {
  // Nothing was delivered yet: that is no reason for a program not to start.
  if (!(await isThere(state)) || !(await isThere(root))) return [];
  const installer = await createInstaller(root);
  const folder = await openStateFolder(state, installer.root);
  try {
    const lock = await lockStateFolder(folder).catch((error: unknown) => {
      if (error instanceof StateFolderTaken) return undefined;
      throw error;
    });
    if (lock === undefined) return await waitForAgent(installer, folder.path, signal);
    try {
      const previous = await openPreviousFiles(path.join(folder.path, "previous"));
      const trials = await openTrials(path.join(folder.path, "trials"));
      await checkRootOfTrials(folder, installer.root);
      return await recoverUnits({ installer, previous, trials });
    } finally {
      await lock.release();
    }
  } finally {
    await folder.close();
  }
}

async function waitForAgent(installer: Installer, state: string, signal: AbortSignal): Promise<Recovered[]> {
  const previous = await openPreviousFiles(path.join(state, "previous"));
  for (const begin = performance.now(); ; await sleep(LOOK_MS, undefined, { signal })) {
    const units = await lookAtUnits({ installer, previous }, await readTrials(path.join(state, "trials")));
    const done = units.every(({ end }) => end !== "failed");
    if (done || performance.now() - begin > PATIENCE_MS) return units;
  }
}

/** What this user may not look at may be there. */
function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    (error: unknown) => {
      if (errnoOf(error) !== "ENOENT") throw error;
      return false;
    },
  );
}

const ENDS = {
  "in-place": "all in their places",
  "as-before": "all as before",
  failed: "neither new nor old as a whole",
} as const;

/** A line for each unit. */
export function formatRecovered(units: readonly Recovered[]): string {
  if (units.length === 0) return "nothing was half in place\n";
  return units
    .map(({ paths, end, detail }) => {
      const why = detail === undefined ? "" : `: ${printable(detail)}`;
      return `${ENDS[end]}${why}: ${paths.map(printable).join(", ")}\n`;
    })
    .join("");
}
