import type { Unpacking } from "../../protocol/choose-way.ts";
import type { Emit } from "../events/delivery-event.ts";
import { InstallFailed, onDisk } from "../install/install-failed.ts";
import { verify } from "../install/write-verified.ts";
import type { Link } from "../link/link.ts";
import { REMOVED } from "../trial/failed-versions.ts";
import { type Conclusion, concludeDelivery, concludeRemoved } from "./conclude.ts";
import type { DeviceFiles } from "./delivery.ts";
import { failedBefore, failedForNow } from "./failed-for-now.ts";
import { REMEDIES } from "./failures.ts";
import type { FetchVersion } from "./fetch-version.ts";
import { createLookFirst, createRecordInstalled } from "./look-first.ts";
import type { Unit } from "./next-task.ts";
import type { NoteStates } from "./note-states.ts";
import type { Candidate } from "./plan.ts";
import { createReadyContent } from "./ready-content.ts";
import { isRevived } from "./revive.ts";
import { createUnitRoom } from "./unit-room.ts";
import { AGAINST_WAY } from "./ways.ts";

/** What became of a file of a unit. */
export type Concluded = { id: string; conclusion: Conclusion };

/** Bytes of downloads that are kept of a unit that failed: one of its files may come anew, and the others be needed with it. */
const KEPT_BYTES = 16 * 1024 * 1024;

/** Brings the files of units to their end together. What it concludes is on disk when it returns. */
export function createUnitAttendant(
  files: DeviceFiles,
  notes: NoteStates,
  unpacking: Unpacking,
  fetchVersion: FetchVersion,
  emit: Emit,
) {
  const { placing, partials, failed } = files;
  const { look, concludeIfThere } = createLookFirst(files);
  const record = createRecordInstalled(files);
  const room = createUnitRoom(files, notes);
  const contentReady = createReadyContent(files, unpacking);

  /**
   * Has one file of a unit ready.
   *
   * @returns how its delivery ends, if it does not wait for the others; {LinkDown} and the signal's reason are thrown.
   */
  async function prepare(
    link: Link,
    unit: Unit,
    candidate: Candidate,
    signal: AbortSignal,
  ): Promise<Conclusion | undefined> {
    const note = notes.of(candidate.id);
    const first = await look(candidate, signal);
    if (first.ends !== undefined) return first.ends;
    if (first.failure !== undefined && !note.held) {
      note.held = true;
      return undefined;
    }
    if (candidate.remove) {
      note.ready = { way: undefined, bytes: 0, requests: 0, seconds: 0 };
      return undefined;
    }
    const outcome = await fetchVersion(link, candidate, signal, {
      besides: () => room.forOthers(unit, candidate),
      async use(content) {
        await verify(content(), candidate.announcement);
        return "kept";
      },
    });
    // Of what the server has no more nothing is left to be tried again, at the next start either.
    if (outcome.state === "discarded" && isRevived(candidate.id))
      await failed.settle(new Map([[candidate.path, REMOVED]])).catch(() => undefined);
    if (outcome.state !== "installed") return concludeDelivery(candidate, outcome);
    room.found(unit);
    const { way, bytes, requests, seconds } = outcome;
    note.ready = { way, bytes, requests, seconds };
    return undefined;
  }

  /** Puts a unit in place, every file of which is ready. The signal's reason is thrown. */
  async function place(unit: Unit, signal: AbortSignal): Promise<Concluded[]> {
    const { members, rule } = unit;
    const unsettled = await placing.settle(signal, (path) => placing.unitRule(path) === rule);
    const [first] = members;
    if (first === undefined) return [];
    if (unsettled !== undefined)
      return [{ id: first.id, conclusion: concludeDelivery(first, failedForNow(unsettled)) }];
    const there = await concludeThere(members);
    if (there.length > 0) return there;
    if (members.length > 1)
      emit({ event: "unit", match: rule.match, paths: members.map(({ path }) => path) });
    const begin = performance.now();
    try {
      const changes = members.map((candidate) => {
        const { path, announcement, remove, id } = candidate;
        const ready = notes.of(id).ready;
        const content = remove || ready === undefined ? undefined : () => contentReady(candidate, ready);
        return { path, announcement, content };
      });
      await onDisk(placing.putInPlace(changes, signal));
    } catch (error) {
      if (!(error instanceof InstallFailed)) throw error;
      return afterFailure(members, error);
    }
    const seconds = (performance.now() - begin) / 1000;
    for (const candidate of members) {
      if (!candidate.remove) await record(candidate, true);
      // The files are in their places: a download that cannot be removed is swept once there is nothing else to do.
      await partials.remove(candidate.path).catch(() => undefined);
    }
    return members.map((candidate) => ({ id: candidate.id, conclusion: concludePlaced(candidate, seconds) }));
  }

  /** An earlier trial, or a person, may have brought them there meanwhile. */
  async function concludeThere(members: readonly Candidate[]): Promise<Concluded[]> {
    const concluded: Concluded[] = [];
    for (const candidate of members) {
      const conclusion = await concludeIfThere(candidate);
      if (conclusion !== undefined) concluded.push({ id: candidate.id, conclusion });
    }
    return concluded;
  }

  function concludePlaced(candidate: Candidate, seconds: number): Conclusion {
    const { ready } = notes.of(candidate.id);
    if (ready?.way === undefined) return concludeRemoved(candidate);
    const { way, bytes, requests } = ready;
    const took = { bytes, requests, seconds: ready.seconds + seconds };
    return concludeDelivery(candidate, { state: "installed", way, ...took });
  }

  /** A program that failed is the failure of all; what one file is to blame for keeps the others waiting, or is done without them. [NF-9.11] */
  async function afterFailure(members: readonly Candidate[], failure: InstallFailed): Promise<Concluded[]> {
    const { reason, message: detail, ended } = failure;
    const remedy = REMEDIES[reason];
    const ofProgram = reason === "run" || reason === "run-not-restored";
    if (ofProgram) await keepDownloads(members);
    const blamed = ofProgram
      ? members
      : [members.find(({ path }) => path === failure.path) ?? members[0]].filter(
          (each) => each !== undefined,
        );
    return blamed.map((candidate) => {
      const note = notes.of(candidate.id);
      const { bytes = 0, requests = 0, seconds = 0 } = note.ready ?? {};
      note.ready = undefined;
      // What came was verified: if it is not that any more, it is had anew.
      const tryLater = remedy.tryLater || AGAINST_WAY.has(reason);
      const outcome = { ...remedy, reason, detail, ended, bytes, requests, seconds, tryLater };
      return { id: candidate.id, conclusion: concludeDelivery(candidate, outcome) };
    });
  }

  async function keepDownloads(members: readonly Candidate[]): Promise<void> {
    const bytes = members.reduce((sum, { id }) => sum + (notes.of(id).ready?.way?.bytes ?? 0), 0);
    if (members.length > 1 && bytes <= KEPT_BYTES) return;
    for (const { path } of members) await partials.remove(path).catch(() => undefined);
  }

  /** A unit that is no other than one that failed. */
  async function condemn({ members }: Unit): Promise<Concluded[]> {
    await failed
      .renew(new Map(members.map(({ path, announcement }) => [path, announcement])))
      .catch(() => undefined);
    return members.flatMap((candidate) => {
      const failure = failed.get(candidate.path);
      if (failure === undefined) return [];
      return [{ id: candidate.id, conclusion: concludeDelivery(candidate, failedBefore(failure)) }];
    });
  }

  return { prepare, place, condemn };
}
