import path from "node:path";
import { createInstaller } from "../../../../agent/install/installer.ts";
import { openInstalledFiles } from "../../../../agent/state/installed-files.ts";
import { openFailedVersions } from "../../../../agent/trial/failed-versions.ts";
import { openKeptPrograms } from "../../../../agent/trial/kept-programs.ts";
import { openPreviousFiles } from "../../../../agent/trial/previous-files.ts";
import { createProcessNotes } from "../../../../agent/trial/process-notes.ts";
import { createPrograms } from "../../../../agent/trial/programs.ts";
import { createPlacing } from "../../../../agent/trial/put-in-place.ts";
import { openTrials } from "../../../../agent/trial/trials.ts";
import { createVouch } from "../../../../agent/trial/vouch.ts";

/** A unit two files of which come and one of which goes, and its program, which writes down what it is started with. */
export const UNIT: Readonly<Record<string, string | undefined>> = {
  "app/a": "2",
  "app/gone": undefined,
  "app/sub/new": "n",
};

/** @param runs whether the program does with the unit in its place */
export async function openUnitPlacing(root: string, state: string, runs: boolean) {
  const program = `echo "$(cat app/a app/gone app/sub/new 2> /dev/null | tr -d '\\n')" >> ran; ${runs ? "true" : '[ "$(cat app/a)" = 1 ]'}`;
  const rules = [
    { match: "app/**", command: ["sh", "-c", program] satisfies [string, ...string[]], seconds: 5 },
  ];
  const installer = await createInstaller(root);
  const kept = await openKeptPrograms(path.join(state, "programs.json"));
  const files = {
    installer,
    installed: await openInstalledFiles(path.join(state, "installed.json")),
    failed: await openFailedVersions(path.join(state, "failed.json")),
    previous: await openPreviousFiles(path.join(state, "previous")),
    trials: await openTrials(path.join(state, "trials")),
  };
  const notes = createProcessNotes(path.join(state, "processes.json"));
  const vouch = createVouch(installer, files.installed, kept);
  const programs = createPrograms(root, kept, notes, undefined, undefined, vouch);
  return { ...files, programs, placing: createPlacing(files, { programs, rules }, () => undefined) };
}
