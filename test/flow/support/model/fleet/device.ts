import { readFile } from "node:fs/promises";
import path from "node:path";
import { createBell } from "../../../../../agent/delivery/bell.ts";
import { createCourier } from "../../../../../agent/delivery/courier.ts";
import { createNoteStates } from "../../../../../agent/delivery/note-states.ts";
import { createOutbox } from "../../../../../agent/delivery/outbox.ts";
import { NO_REQUESTS } from "../../../../../agent/delivery/requested.ts";
import { createInstaller } from "../../../../../agent/install/installer.ts";
import { LinkDown, type Report } from "../../../../../agent/link/link.ts";
import { createFleets } from "../../../../../agent/manifest/fleets.ts";
import { createHearing } from "../../../../../agent/manifest/hear.ts";
import { openInstalledFiles } from "../../../../../agent/state/installed-files.ts";
import { manifestFolder, openKeptManifests } from "../../../../../agent/state/kept-manifests.ts";
import { openLatestVersions } from "../../../../../agent/state/latest-versions.ts";
import { openPartialFiles } from "../../../../../agent/state/partial-files.ts";
import { openUnsentReports } from "../../../../../agent/state/unsent-reports.ts";
import { openWaitingUnits } from "../../../../../agent/state/waiting-units.ts";
import { openFailedVersions } from "../../../../../agent/trial/failed-versions.ts";
import { openPreviousFiles } from "../../../../../agent/trial/previous-files.ts";
import { createPlacing } from "../../../../../agent/trial/put-in-place.ts";
import { openTrials } from "../../../../../agent/trial/trials.ts";
import { type DiskTroubles, onTroubledDisk } from "./disk.ts";
import { createFleetLink, type LinkEnds } from "./link.ts";
import { isBad, isOfProgram, PATHS, RULE } from "./places.ts";
import { createModelPrograms } from "./programs.ts";

export type FleetDevice = {
  uid: string;
  reports: readonly Report[];
  /** One run of the agent, from its start until the signal aborts or it dies; what it knows is on disk. */
  run(signal: AbortSignal): Promise<void>;
  content(filePath: string): Promise<Buffer | undefined>;
  /** Times that the agent had nothing to do. */
  idle(): number;
  /** A full disk did not take what the agent wanted to remember of its installations: what it knows no reason of, it removes for no manifest. */
  forgot(): boolean;
  /** Deaths that come during starts of a program condemn it: false where one more might. */
  mayDie(): boolean;
};

const POLICY = {
  attempts: 2,
  firstPauseMs: 0,
  longestPauseMs: 0,
  firstRestMs: 20,
  longestRestMs: 100,
  quietMs: 0,
};

/** What a step counts for where a pause is in seconds: five of them after the third break in a row. */
const STEP_MS = 1_000;

/** No file of a model has any, and a `cp` for each would cost as much as all else. */
const NO_ATTRIBUTES = async () => undefined;

const UNPACKING = { zstdMaxBytes: 10_000, patchMaxBytes: 10_000 };

/** The real agent but for its link and for the programs that it starts, on a disk of its own. */
export function createFleetDevice(
  folder: string,
  ends: Omit<LinkEnds, "waits" | "reports">,
  disk: DiskTroubles,
): FleetDevice {
  const [root, state] = [path.join(folder, "root"), path.join(folder, "state")];
  const reports: Report[] = [];
  const content = (filePath: string) => readFile(path.join(root, filePath)).catch(() => undefined);
  let idle = 0;
  let forgot = false;
  let starts = () => 0;

  async function runs(): Promise<boolean> {
    for (const filePath of PATHS.filter(isOfProgram)) if (isBad(await content(filePath))) return false;
    return true;
  }

  async function start() {
    const installer = onTroubledDisk(
      await createInstaller(root, NO_ATTRIBUTES),
      { grows: ["install", "stage"], other: ["remove", "putStaged", "sync", "putBack", "sweep"] },
      disk,
    );
    const partials = onTroubledDisk(
      await openPartialFiles(path.join(state, "partial")),
      { grows: [], other: ["remove", "keepOnly"] },
      disk,
    );
    const installed = onTroubledDisk(
      await openInstalledFiles(path.join(state, "installed.json")),
      { grows: ["set", "setAll"] },
      {
        ...disk,
        refused() {
          forgot = true;
        },
      },
    );
    const failed = onTroubledDisk(
      await openFailedVersions(path.join(state, "failed.json")),
      { grows: ["setAll", "settle", "renew", "delete"] },
      disk,
    );
    const latest = onTroubledDisk(
      await openLatestVersions(path.join(state, "latest.json")),
      { grows: ["raise"] },
      disk,
    );
    const previous = onTroubledDisk(
      await openPreviousFiles(path.join(state, "previous")),
      { grows: ["keep"], other: ["remove", "sync", "keepOnly"] },
      disk,
    );
    const trials = onTroubledDisk(
      await openTrials(path.join(state, "trials")),
      { grows: ["begin"], other: ["restart", "condemn", "end", "sweep"] },
      disk,
    );
    starts = () => Math.max(0, ...trials.all().map((trial) => trial.starts));
    const kept = onTroubledDisk(await openKeptManifests(state), { grows: ["keep", "write"] }, disk);
    const trialFiles = { installer, installed, failed, previous, trials };
    const trying = { programs: createModelPrograms(runs), rules: [RULE] };
    const placing = createPlacing(trialFiles, trying, () => undefined);
    const waiting = await openWaitingUnits(path.join(state, "units.json"));
    const files = { installer, partials, installed, failed, placing, latest, waiting };
    // Rests are counted in steps, so that a seed always does the same.
    const notes = createNoteStates(POLICY, ends.now, ends.random.next);
    const unsent = onTroubledDisk(
      openUnsentReports(path.join(state, "unsent.json")),
      { grows: ["write"] },
      disk,
    );
    const outbox = createOutbox(unsent, await unsent.read(), { now: () => ends.now() * STEP_MS });
    const manifestFiles = {
      kept,
      partials: await openPartialFiles(path.join(manifestFolder(state), "partial")),
    };
    const asks = { unpacking: UNPACKING, stage: undefined };
    const hearing = createHearing(manifestFiles, notes, POLICY, asks, () => undefined);
    const fleets = createFleets(files, kept, hearing, notes, outbox, undefined, () => undefined);
    const errands = { outbox, bell: createBell(), requested: NO_REQUESTS, fleets, catchUp: failed.catchUp };
    return { placing, courier: createCourier(files, notes, POLICY, UNPACKING, () => undefined, errands) };
  }

  return {
    uid: ends.device,
    reports,
    async run(signal) {
      const { placing, courier } = await start();
      await placing.recover(signal);
      const waits = () => {
        idle += 1;
      };
      const link = createFleetLink({ ...ends, reports, waits });
      while (!signal.aborted) {
        try {
          await courier.work(link, signal);
        } catch (error) {
          // It was told to stop amid a request or a pause, and ends for it as `keepConnected` does.
          if (signal.aborted && error instanceof Error && error.name === "AbortError") return;
          if (!(error instanceof LinkDown)) throw error; // as the power cut
        }
      }
    },
    content,
    idle: () => idle,
    forgot: () => forgot,
    mayDie: () => starts() < 2,
  };
}
