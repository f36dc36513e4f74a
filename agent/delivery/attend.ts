import type { Unpacking } from "../../protocol/choose-way.ts";
import type { Emit } from "../events/delivery-event.ts";
import { InstallFailed, onDisk } from "../install/install-failed.ts";
import { type Link, LinkDown } from "../link/link.ts";
import type { InstalledFile } from "../state/installed-files.ts";
import type { FailedVersion } from "../trial/failed-versions.ts";
import { type Conclusion, concludeDelivery, concludeUnchanged, type Outcome } from "./conclude.ts";
import { deliver } from "./deliver.ts";
import type { DeviceFiles } from "./delivery.ts";
import { REMEDIES } from "./failures.ts";
import type { NoteState, NoteStates } from "./note-states.ts";
import type { Candidate } from "./plan.ts";
import type { RetryPolicy } from "./retry-policy.ts";

/** Links in a row that may break during one delivery, without a byte gained, before it has to wait. */
const MAX_BROKEN_LINKS = 3;

/** Brings one announcement to its end. What it concludes is on disk when it returns. */
export function createAttendant(
  files: DeviceFiles,
  notes: NoteStates,
  policy: RetryPolicy,
  unpacking: Unpacking,
  emit: Emit,
) {
  const { installer, installed, failed, placing, partials, latest } = files;

  async function record(
    { announcement, path, fleet }: Candidate,
    recorded: InstalledFile | undefined,
    isNew: boolean,
  ): Promise<void> {
    const { name, size, sha256, etag = "", version } = announcement;
    // What was there already, nobody knows why, no manifest has brought: it is not its to remove. [NF-11.11]
    const brought = isNew || recorded?.name === name ? fleet : undefined;
    const same = recorded?.sha256 === sha256 && recorded.etag === etag && recorded.version === version;
    if (same && recorded.fleet === brought) return;
    const installedAt = new Date().toISOString();
    const file = { name, size, sha256, etag, version, fleet: brought, installedAt };
    // The record is for people only: a disk that the file itself has filled must not end the agent.
    await installed.set(path, file).catch(() => undefined);
  }

  async function fetchIt(link: Link, candidate: Candidate, signal: AbortSignal): Promise<Conclusion> {
    const { id, announcement, path, payloads } = candidate;
    const note = notes.of(id);
    let progress = false;
    const watched: Emit = (event) => {
      progress ||= event.event === "chunk";
      emit(event);
    };
    try {
      const outcome = await deliver({
        announcement,
        path,
        payloads,
        note,
        files,
        link,
        unpacking,
        policy,
        emit: watched,
        signal,
      });
      note.brokenLinks = 0;
      return concludeDelivery(candidate, withSecondChance(note, outcome));
    } catch (error) {
      if (!(error instanceof LinkDown)) throw error;
      // A request that breaks the link every time must not be made for ever.
      note.brokenLinks = progress ? 0 : note.brokenLinks + 1;
      if (note.brokenLinks < MAX_BROKEN_LINKS) throw error;
      const cost = { bytes: 0, requests: note.brokenLinks, seconds: 0 };
      note.brokenLinks = 0;
      return concludeDelivery(candidate, {
        ...cost,
        ...REMEDIES.link,
        reason: "link",
        detail: error.message,
      });
    }
  }

  /** On disk before anything is tried: a version that ends the agent each time must not be begun anew each time. [NF-2.7] */
  async function forgetFailure({ announcement, path }: Candidate): Promise<void> {
    const { name, sha256, again } = announcement;
    if (failed.get(path)?.sha256 === sha256) await failed.delete(path);
    await partials.remove(path);
    if (again !== undefined) await latest.raise([{ name, seq: latest.get(name)?.seq, again, gone: false }]);
  }

  return async (link: Link, candidate: Candidate, signal: AbortSignal): Promise<Conclusion> => {
    const { announcement, path } = candidate;
    const { sha256 } = announcement;
    // What is at the path may be a version on trial, which counts for nothing until it has shown that it runs.
    const unsettled = await placing.settle(signal, path);
    try {
      if (candidate.again) await onDisk(forgetFailure(candidate));
    } catch (error) {
      if (!(error instanceof InstallFailed)) throw error;
      return concludeDelivery(candidate, waitForDisk(error));
    }
    const there = await installer.digest(path).catch(() => undefined);
    const unchanged = there === sha256; // [NF-2.4]
    const failure = failed.get(path);
    if (failure?.sha256 === sha256) {
      // Taken back, and in its place all the same: somebody has put it there since, and answers for it.
      if (!unchanged || unsettled !== undefined || failure.reason !== "run")
        return concludeDelivery(candidate, failedBefore(failure));
      await failed.delete(path).catch(() => undefined);
    }
    if (unsettled !== undefined) return concludeDelivery(candidate, waitForDisk(unsettled));
    // A whole download of another version would be put in place later without a word of the server.
    if (unchanged) await partials.remove(path).catch(() => undefined);
    const before = installed.all().get(path);
    const conclusion = unchanged ? concludeUnchanged(candidate) : await fetchIt(link, candidate, signal);
    const state = conclusion.receipt?.state;
    if (state === "installed" || state === "unchanged")
      await record(candidate, before, state === "installed");
    return conclusion;
  };
}

/** A line without checksums may have spoilt the content: fetch it once more before giving it up. */
function withSecondChance(note: NoteState, outcome: Outcome): Outcome {
  if (outcome.state === "installed" || outcome.reason !== "wrong-hash" || note.spoilt) return outcome;
  note.spoilt = true;
  return { ...outcome, tryLater: true };
}

const NO_COST = { bytes: 0, requests: 0, seconds: 0 };

/** The same content would fail again, so it is not paid for twice. */
function failedBefore({ reason, detail, ended }: FailedVersion): Outcome {
  return { state: "failed", reason, detail, ended, tryLater: false, ...NO_COST };
}

/** The disk does not allow what has to come first, such as to take back another version at the path. */
function waitForDisk({ reason, message: detail, ended }: InstallFailed): Outcome {
  return { state: "failed", reason, detail, ended, tryLater: true, ...NO_COST };
}
