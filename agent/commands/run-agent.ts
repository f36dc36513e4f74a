import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KeyRefused } from "../../protocol/key-refused.ts";
import { addressKey } from "../../protocol/target.ts";
import { type Courier, createCourier } from "../delivery/courier.ts";
import type { AgentEvent } from "../events/agent-event.ts";
import { createInstaller, type Installer } from "../install/installer.ts";
import { type Link, LinkDown } from "../link/link.ts";
import { type AttnPin, NO_PIN, watchAttnPin } from "../link/notecard/attn-pin.ts";
import { configureHub } from "../link/notecard/configure-hub.ts";
import { chooseDoor } from "../link/notecard/doors/choose-door.ts";
import { createNotecardLink } from "../link/notecard/notecard-link.ts";
import { LineError } from "../notecard/line-error.ts";
import { createNotecard } from "../notecard/notecard.ts";
import { NotecardError } from "../notecard/notecard-error.ts";
import { openPort } from "../notecard/open-port.ts";
import { PortClosed } from "../notecard/port.ts";
import { openInstalledFiles } from "../state/installed-files.ts";
import { listPartialFiles, openPartialFiles } from "../state/partial-files.ts";
import { lockStateFolder, openStateFolder } from "../state/state-folder.ts";
import { openFailedVersions } from "../trial/failed-versions.ts";
import { openKeptPrograms } from "../trial/kept-programs.ts";
import { openPreviousFiles } from "../trial/previous-files.ts";
import { createProcessNotes } from "../trial/process-notes.ts";
import { createPrograms } from "../trial/programs.ts";
import { createPlacing } from "../trial/put-in-place.ts";
import { openTrials } from "../trial/trials.ts";
import type { RunSettings } from "./run-settings.ts";

/** Seconds that one request over the radio may take. */
const REQUEST_SECONDS = 60;

/** Milliseconds before the Notecard is looked for again, doubling. */
const FIRST_RECONNECT_MS = 250;
const LONGEST_RECONNECT_MS = 30_000;

/** A connection that lasted so long was a good one: the next attempt need not wait. */
const LASTING_MS = 10_000;

/** Milliseconds that a request under way, and then switching the Notecard's radio off, may hold up the end. */
const LEAVE_MS = 2_000;

/**
 * Delivers what is announced until `signal` aborts.
 *
 * @throws {StateFolderUnusable} or an error of the file system, when it cannot begin.
 */
export async function runAgent(
  settings: RunSettings,
  emit: (event: AgentEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const installer = await createInstaller(settings.root);
  const state = await openStateFolder(settings.state, installer.root);
  const lock = await lockStateFolder(state);
  const notes = createProcessNotes(path.join(state, "processes.json"));
  const kept = await openKeptPrograms(path.join(state, "programs.json"));
  const programs = createPrograms(installer.root, kept, notes);
  const { attnCommand } = settings;
  const watch = attnCommand === undefined ? undefined : watchAttnPin(attnCommand, emit);
  try {
    await notes.endLeftOvers();
    const partials = await openPartialFiles(path.join(state, "partial"));
    const installed = await openInstalledFiles(path.join(state, "installed.json"));
    await sweep(path.join(state, "partial"), installer);
    const failed = await openFailedVersions(path.join(state, "failed.json"));
    const previous = await openPreviousFiles(path.join(state, "previous"));
    const trials = await openTrials(path.join(state, "trials"));
    const placing = createPlacing(
      { installer, installed, failed, previous, trials },
      { programs, rules: settings.run },
      emit,
    );
    await placing.recover(signal);
    const { policy } = settings;
    const courier = createCourier({ installer, partials, installed, failed, placing }, policy, emit);
    const pin = watch ?? NO_PIN;
    await keepConnected({ settings, courier, pin, emit, root: installer.root }, signal);
  } finally {
    await Promise.all([programs.stop(), watch?.stop()]);
    lock.release();
  }
}

/** Every installation that was killed has left its download, which names it. */
async function sweep(partials: string, installer: Installer): Promise<void> {
  for (const { name } of await listPartialFiles(partials)) {
    try {
      await installer.sweep(addressKey(name).path);
    } catch (error) {
      if (!(error instanceof KeyRefused)) throw error;
    }
  }
}

type Connecting = {
  settings: RunSettings;
  courier: Courier;
  pin: AttnPin;
  emit: (event: AgentEvent) => void;
  root: string;
};

async function keepConnected(connecting: Connecting, signal: AbortSignal): Promise<void> {
  const { settings, emit, root } = connecting;
  let told = false;
  for (let failures = 0; !signal.aborted; failures += 1) {
    const begin = performance.now();
    try {
      await connectAndWork(connecting, signal, () => {
        told = false;
        emit({ event: "ready", notecard: settings.notecardText, root });
      });
    } catch (error) {
      if (signal.aborted) return;
      if (!isConnectionTrouble(error)) throw error;
      if (!told) emit({ event: "waiting", reason: error.message });
      told = true;
    }
    if (performance.now() - begin > LASTING_MS) failures = 0;
    const pause = Math.min(LONGEST_RECONNECT_MS, FIRST_RECONNECT_MS * 2 ** failures);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

function isConnectionTrouble(error: unknown): error is Error {
  return (
    error instanceof LinkDown ||
    error instanceof PortClosed ||
    error instanceof LineError ||
    error instanceof NotecardError
  );
}

async function connectAndWork(
  { settings, courier, pin }: Connecting,
  signal: AbortSignal,
  ready: () => void,
) {
  const port = await openPort(settings.notecard, signal);
  let link: Link | undefined;
  let leaving: NodeJS.Timeout | undefined;
  const stop = () => {
    leaving = setTimeout(() => void port.close(), LEAVE_MS); // whatever waits for the Notecard then waits no longer
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    const notecard = createNotecard(port);
    await configureHub(notecard, settings);
    const { route, chunkSize, pollMs, connectMs } = settings;
    const door = await chooseDoor(notecard, settings.fetch, { route, chunkSize, seconds: REQUEST_SECONDS });
    link = createNotecardLink(notecard, door, { pollMs, connectMs, pin });
    await link.list();
    ready();
    await courier.work(link, signal);
  } finally {
    signal.removeEventListener("abort", stop);
    if (signal.aborted) await link?.lower().catch(() => undefined);
    clearTimeout(leaving);
    await port.close();
  }
}
