import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KeyRefused } from "../../protocol/key-refused.ts";
import type { Receipt } from "../../protocol/receipt.ts";
import { addressKey } from "../../protocol/target.ts";
import { createBell } from "../delivery/bell.ts";
import { type Courier, createCourier } from "../delivery/courier.ts";
import { createNoteStates } from "../delivery/note-states.ts";
import { createOutbox } from "../delivery/outbox.ts";
import { createRequested } from "../delivery/requested.ts";
import { DEFAULT_RETRY_POLICY } from "../delivery/retry-policy.ts";
import { takeInventory } from "../delivery/take-inventory.ts";
import type { AgentEvent } from "../events/agent-event.ts";
import { rememberFailure } from "../events/remember-failures.ts";
import { createInstaller, type Installer } from "../install/installer.ts";
import { LinkDown, type Links } from "../link/link.ts";
import { createFleets } from "../manifest/fleets.ts";
import { createHearing } from "../manifest/hear.ts";
import { createWordOf } from "../manifest/word-of.ts";
import { openInstalledFiles } from "../state/installed-files.ts";
import { manifestFolder, openKeptManifests } from "../state/kept-manifests.ts";
import { openLastFailures } from "../state/last-failures.ts";
import { openLatestVersions } from "../state/latest-versions.ts";
import { lockStateFolder } from "../state/lock-folder.ts";
import { listPartialFiles, openPartialFiles } from "../state/partial-files.ts";
import { recordRoot } from "../state/recorded-root.ts";
import { openStateFolder } from "../state/state-folder.ts";
import { aboutOf, openUnsentReports, type Unsent } from "../state/unsent-reports.ts";
import { openWaitingUnits } from "../state/waiting-units.ts";
import { sentenceOf } from "../system/errno.ts";
import { mountOf, readMounts, realPlace } from "../system/mounts.ts";
import { checkRootOfTrials } from "../trial/check-root.ts";
import { openFailedVersions } from "../trial/failed-versions.ts";
import { openKeptPrograms } from "../trial/kept-programs.ts";
import { receiptOfLateRestoration } from "../trial/late-restoration.ts";
import { openPreviousFiles } from "../trial/previous-files.ts";
import { createProcessNotes } from "../trial/process-notes.ts";
import { createPrograms } from "../trial/programs.ts";
import { createPlacing } from "../trial/put-in-place.ts";
import { openRetryRequests, retryFolder } from "../trial/retry-requests.ts";
import { type RunRule, ruleFor } from "../trial/run-rule.ts";
import { openStoppedPrograms } from "../trial/stopped-programs.ts";
import { createProgramNews } from "../trial/tell-stopped.ts";
import { openTrials } from "../trial/trials.ts";
import { createVouch } from "../trial/vouch.ts";
import { watchRequests } from "../trial/watch-requests.ts";
import { unpackingHere } from "../unpack/unpacking-here.ts";
import { createLinks } from "./open-links.ts";
import { findRuleUsers } from "./rule-users.ts";
import type { RunSettings } from "./run-settings.ts";

/** Milliseconds before the next link is opened, doubling. */
const FIRST_RECONNECT_MS = 250;
const LONGEST_RECONNECT_MS = 30_000;

/** Milliseconds after which a link was a good one: the next attempt need not wait. */
const LASTING_MS = 10_000;

/** Milliseconds that a request under way, and then lowering the connection, may hold up the end. */
const LEAVE_MS = 2_000;

/**
 * Delivers what is announced until `signal` aborts.
 *
 * @throws {SettingRefused}, {StateFolderUnusable} or an error of the file system, when it cannot begin.
 */
export async function runAgent(
  settings: RunSettings,
  tellEvent: (event: AgentEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const rules = await findRuleUsers(settings.run);
  const installer = await createInstaller(settings.root);
  const folder = await openStateFolder(settings.state, installer.root);
  try {
    const lock = await lockStateFolder(folder);
    try {
      await checkRootOfTrials(folder, installer.root);
      await work({ ...settings, run: rules }, installer, folder.path, tellEvent, signal);
    } finally {
      await lock.release();
    }
  } finally {
    await folder.close();
  }
}

async function work(
  settings: Omit<RunSettings, "run"> & { run: readonly RunRule[] },
  installer: Installer,
  state: string,
  tellEvent: (event: AgentEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const notes = createProcessNotes(path.join(state, "processes.json"));
  const kept = await openKeptPrograms(path.join(state, "programs.json"));
  const installed = await openInstalledFiles(path.join(state, "installed.json"), async (file) =>
    mountOf(await readMounts(), await realPlace(path.join(installer.root, file))),
  );
  const latest = await openLatestVersions(path.join(state, "latest.json"));
  await recordRoot(path.join(state, "root.json"), installer.root).catch(() => undefined); // for `status` alone
  const failures = await openLastFailures(path.join(state, "failures.json"));
  const failed = await openFailedVersions(path.join(state, "failed.json"));
  const unsent = openUnsentReports(path.join(state, "unsent.json"));
  const givenUp = (its: Unsent) =>
    tellEvent({ event: "report-given-up", state: its.state, about: aboutOf(its) });
  const outbox = createOutbox(unsent, await unsent.read(), { givenUp });
  const bell = createBell();
  const report = (receipt: Receipt) => {
    outbox.add(receipt);
    bell.ring();
  };
  const emit = (event: AgentEvent) => {
    rememberFailure(failures, event);
    const receipt = receiptOfLateRestoration(failed, event);
    if (receipt !== undefined) report(receipt);
    tellEvent(event);
  };
  const stopped = await openStoppedPrograms(path.join(state, "stopped.json"));
  await stopped.keepOnly((file) => ruleFor(settings.run, file) !== undefined).catch(() => undefined);
  const requests = await openRetryRequests(state);
  const watching = watchRequests(retryFolder(state), requests, bell.ring);
  const news = createProgramNews({ installed, stopped }, emit, report);
  const programs = createPrograms(
    installer.root,
    kept,
    notes,
    news,
    signal,
    createVouch(installer, installed, kept),
  );
  let links: Links | undefined;
  const records: { catchUp(): Promise<void> }[] = [kept, installed, failures, failed, stopped];
  const catchUp = async () => {
    for (const record of records) await record.catchUp();
  };
  try {
    await notes.endLeftOvers();
    const partials = await openPartialFiles(path.join(state, "partial"));
    const previous = await openPreviousFiles(path.join(state, "previous"));
    const trials = await openTrials(path.join(state, "trials"));
    const placing = createPlacing(
      { installer, installed, failed, previous, trials },
      { programs, rules: settings.run },
      emit,
    );
    await placing.recover(signal);
    await sweep(path.join(state, "partial"), installer, (file) => trials.of(file) !== undefined);
    outbox.add(await takeInventory(installed, installer));
    const { firstPauseMs, firstRestMs, quietMs } = settings;
    const unpacking = unpackingHere({
      zstdMaxBytes: settings.zstdMaxBytes,
      patchMaxBytes: settings.patchMaxBytes,
    });
    const policy = { ...DEFAULT_RETRY_POLICY, firstPauseMs, firstRestMs, quietMs };
    const waiting = await openWaitingUnits(path.join(state, "units.json"));
    const files = { installer, partials, installed, failed, placing, latest, waiting };
    const states = createNoteStates(policy);
    const keptManifests = await openKeptManifests(state, (file, error) =>
      emit({ event: "record-unreadable", file: path.relative(state, file), detail: sentenceOf(error) }),
    );
    records.push(keptManifests);
    const manifestFiles = {
      kept: keptManifests,
      partials: await openPartialFiles(path.join(manifestFolder(state), "partial")),
    };
    const { stage } = settings;
    const hearing = createHearing(manifestFiles, states, policy, { unpacking, stage }, emit);
    const fleets = createFleets(files, keptManifests, hearing, states, outbox, stage, emit);
    const errands = { outbox, bell, requested: createRequested(requests, emit), fleets, catchUp };
    const courier = createCourier(files, states, policy, unpacking, emit, errands);
    links = createLinks(settings, state, createWordOf(keptManifests, outbox, hearing, stage), emit);
    const { address } = links;
    const tell = {
      ready: () => emit({ event: "ready", link: address, root: installer.root }),
      waiting: (reason: string) => emit({ event: "waiting", reason }),
    };
    await keepConnected(links, courier, tell, signal);
  } finally {
    watching.stop();
    await Promise.all([programs.stop(), links?.stop()]);
    await Promise.all([failures.idle(), stopped.idle()]);
    await catchUp();
    for (const record of [installed, latest]) await record.fold().catch(() => undefined);
  }
}

/** Every installation that was killed has left its download, which names it. What is on trial may still be needed. */
async function sweep(
  partials: string,
  installer: Installer,
  isOnTrial: (filePath: string) => boolean,
): Promise<void> {
  for (const { name } of await listPartialFiles(partials)) {
    try {
      const place = await installer.realPath(addressKey(name).path);
      if (!isOnTrial(place)) await installer.sweep(place);
    } catch (error) {
      if (!(error instanceof KeyRefused)) throw error;
    }
  }
}

type Tell = { ready(): void; waiting(reason: string): void };

/** Opens one link after the other, until `signal` aborts. */
async function keepConnected(links: Links, courier: Courier, tell: Tell, signal: AbortSignal): Promise<void> {
  /** Why there is no link, as far as it was told: what is heard of something else on the line differs each time. */
  let told: string | undefined;
  for (let failures = 0; !signal.aborted; failures += 1) {
    const begin = performance.now();
    try {
      await connectAndWork(links, courier, signal, () => {
        told = undefined;
        tell.ready();
      });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof LinkDown)) throw error;
      const kind = error.cause instanceof Error ? error.cause.name : error.name;
      if (told !== kind) tell.waiting(error.message);
      told = kind;
    }
    if (performance.now() - begin > LASTING_MS) failures = 0;
    // With jitter: what ended the links of a whole fleet at once must not be met by all of them at once.
    const pause =
      Math.min(LONGEST_RECONNECT_MS, FIRST_RECONNECT_MS * 2 ** failures) * (0.5 + Math.random() / 2);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

async function connectAndWork(links: Links, courier: Courier, signal: AbortSignal, ready: () => void) {
  const link = await links.open(signal);
  let leaving: NodeJS.Timeout | undefined;
  const stop = () => {
    leaving = setTimeout(() => void link.close(), LEAVE_MS); // whatever waits for it then waits no longer
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    await link.list();
    ready();
    await courier.work(link, signal);
  } finally {
    signal.removeEventListener("abort", stop);
    if (signal.aborted) await link.lower().catch(() => undefined);
    clearTimeout(leaving);
    await link.close();
  }
}
