import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { DeliveryEvent } from "../../../agent/events/delivery-event.ts";
import { createInstaller } from "../../../agent/install/installer.ts";
import { openInstalledFiles } from "../../../agent/state/installed-files.ts";
import { openFailedVersions } from "../../../agent/trial/failed-versions.ts";
import { openKeptPrograms } from "../../../agent/trial/kept-programs.ts";
import { openPreviousFiles } from "../../../agent/trial/previous-files.ts";
import { createProcessNotes } from "../../../agent/trial/process-notes.ts";
import { createPrograms } from "../../../agent/trial/programs.ts";
import { createPlacing } from "../../../agent/trial/put-in-place.ts";
import type { RunRule } from "../../../agent/trial/run-rule.ts";
import { openTrials } from "../../../agent/trial/trials.ts";
import { createVouch } from "../../../agent/trial/vouch.ts";
import { changeOf } from "./change-of.ts";
import { filesBelow } from "./files-below.ts";

const NEVER = new AbortController().signal;

/** What puts files in their places, on a disk of its own and without a link. */
export async function placingUnderTest(
  rules: readonly RunRule[],
  before: Readonly<Record<string, string>> = {},
) {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-placing-"));
  const [root, state] = [path.join(folder, "root"), path.join(folder, "state")];
  await mkdir(state);
  const events: DeliveryEvent[] = [];
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
  onTestFinished(async () => {
    await programs.stop();
    await rm(folder, { recursive: true, force: true });
  });
  for (const [name, content] of Object.entries(before)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), content);
  }
  const placing = createPlacing(files, { programs, rules }, (event) => void events.push(event));
  return {
    ...{ root, state, events, files, programs, placing },
    /** A unit, by path: the content to install, or undefined for a file that is to go. */
    put: (unit: Readonly<Record<string, string | undefined>>, signal = NEVER) =>
      placing.putInPlace(
        Object.entries(unit).map(([name, content]) => changeOf(name, content)),
        signal,
      ),
    /** All there is below the root, by path. */
    async there(): Promise<Record<string, string>> {
      const names = (await filesBelow(root)).filter((name) => name !== "ran");
      const contents = names.map((name) => readFile(path.join(root, name), "utf8"));
      return Object.fromEntries((await Promise.all(contents)).map((content, at) => [names[at], content]));
    },
    ran: () => readFile(path.join(root, "ran"), "utf8").catch(() => ""),
    leftOver: async () => [
      ...(await readdir(files.previous.folder)),
      ...(await readdir(path.join(state, "trials"))),
    ],
  };
}
