import type { Unpacking } from "../../protocol/choose-way.ts";
import type { Emit } from "../events/delivery-event.ts";
import type { Link, QueuedNote } from "../link/link.ts";
import { createAttendant } from "./attend.ts";
import { type Concluded, createUnitAttendant } from "./attend-unit.ts";
import type { Bell } from "./bell.ts";
import { type Conclusion, concludeRefusal, concludeSuperseded } from "./conclude.ts";
import { createConfirmDeparture } from "./confirm-departure.ts";
import type { DeviceFiles } from "./delivery.ts";
import { createFetchVersion } from "./fetch-version.ts";
import type { Ended, Fleets } from "./fleets.ts";
import type { Task } from "./next-task.ts";
import type { NoteStates } from "./note-states.ts";
import type { Outbox } from "./outbox.ts";
import type { Plan } from "./plan.ts";
import { createPlanner } from "./plan-with-failed.ts";
import type { Requested } from "./requested.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import { createUnits } from "./units.ts";

/** Works off the announcement queue of a link, for as long as the link lasts. */
export type Courier = {
  /**
   * Comes back when `signal` aborts.
   *
   * @throws {LinkDown} when a new link is needed; it continues what was under way.
   */
  work(link: Link, signal: AbortSignal): Promise<void>;
};

/**
 * What comes from elsewhere than the queue: receipts of programs that stopped, and requests of people, for which the bell is rung; and what
 * manifests of fleets ask for. `catchUp` writes what the disk did not take of what is known; it never throws.
 */
export type Errands = {
  outbox: Outbox;
  bell: Bell;
  requested: Requested;
  fleets: Fleets;
  catchUp(): Promise<void>;
};

/** What is worth telling once: a person may have put right by hand what failed before. */
function endingOf({ receipt, events }: Conclusion): string {
  if (receipt === undefined) return events[0]?.event ?? "";
  const { state, reason = "", ended = "" } = receipt;
  return state === "installed" || state === "unchanged" ? "in place" : `${state} ${reason} ${ended}`;
}

/** Look at the queue this often even if nothing was heard: the line may have lost the event. */
const LOOK_AGAIN_MS = 60_000;

/** Files of a unit that are fetched between two looks take no longer, but for the last of them. */
const LOOK_MS = 1_000;

/**
 * INVARIANTS: one delivery at a time; a Note is deleted only after its outcome is on disk [NF-9.5] and its receipt was offered
 * to the link, or is on disk. A receipt that the link has no room for is offered again later, so that a full queue of receipts
 * stops no delivery. A successor finds out all that is remembered here from the queue and the disk.
 */
export function createCourier(
  files: DeviceFiles,
  notes: NoteStates,
  policy: RetryPolicy,
  unpacking: Unpacking,
  emit: Emit,
  { outbox, bell, requested, fleets, catchUp }: Errands,
): Courier {
  const { partials, latest, placing, failed } = files;
  const fetchVersion = createFetchVersion(files, notes, policy, unpacking, emit);
  const confirm = createConfirmDeparture(latest, notes, policy, emit);
  const attend = createAttendant(files, fetchVersion);
  const units = createUnits(files, notes, policy.quietMs, emit);
  const planFor = createPlanner(files, notes, units, fleets);
  const { prepare, place, condemn } = createUnitAttendant(files, notes, unpacking, fetchVersion, emit);

  function announce({ candidates }: Plan): void {
    for (const { id, announcement } of candidates) {
      const note = notes.of(id);
      if (note.announced) continue;
      note.announced = true;
      const { name, size, sha256 } = announcement;
      emit({ event: "announced", name, size, sha256 });
    }
  }

  async function conclude(...concluded: Ended[]): Promise<void> {
    const saved = await latest.raise(concluded.flatMap(({ conclusion }) => conclusion.latest)).then(
      () => true,
      () => false,
    );
    const ended = concluded.map((each) => ({
      ...each,
      conclusion: { ...each.conclusion, tryLater: each.conclusion.tryLater || !saved },
    }));
    const said = await fleets.concluded(ended);
    for (const { id, conclusion } of concluded) {
      const note = notes.of(id);
      const failedBefore = note.failures > 0;
      // What the disk does not take keeps the Note in the queue, and is tried again. [NF-2.5]
      const tryLater = conclusion.tryLater || !saved;
      const retrySeconds = tryLater ? notes.beginRest(id) / 1000 : undefined;
      const ending = endingOf(conclusion);
      if (note.concluded !== ending) tell(conclusion, said.has(id), failedBefore, retrySeconds);
      note.concluded = conclusion.tryLater ? undefined : ending;
      if (saved) for (const each of conclusion.settled) notes.of(each).settled = true;
    }
  }

  function tell(
    { events, receipt, tryLater }: Conclusion,
    isSaid: boolean,
    failedBefore: boolean,
    retrySeconds?: number,
  ): void {
    for (const event of events) {
      const again = event.event === "failed" && tryLater && retrySeconds !== undefined;
      emit(again ? { ...event, retrySeconds } : event);
    }
    // One receipt says that it failed for now, and one how it ended.
    if (receipt !== undefined && !isSaid && !(failedBefore && tryLater)) outbox.add(receipt);
  }

  /** @returns true if the link says that it deleted Notes: the queue has to be read again. */
  async function discard(link: Link, [oldest]: readonly QueuedNote[], signal: AbortSignal): Promise<boolean> {
    if (oldest === undefined || !notes.of(oldest.id).settled) return false;
    // A Notecard may keep what it claims to have deleted. Ask it again at the next look, not at once and for ever.
    const kept = notes.deleted();
    for (const id of kept) notes.of(id).deleted = false;
    if (kept.length > 0) return false;
    const deleted = await link.discard(notes.settled(), signal);
    for (const id of deleted) notes.of(id).deleted = true;
    return deleted.length > 0;
  }

  async function carryOut(task: Task, link: Link, signal: AbortSignal): Promise<Concluded[]> {
    if (task.do === "place") return place(task.unit, signal);
    if (task.do === "condemn") return condemn(task.unit);
    const candidate = await requested.take(task.candidate);
    const conclusion =
      task.do === "deliver"
        ? await attend(link, candidate, signal)
        : await prepare(link, task.unit, candidate, signal);
    return conclusion === undefined ? [] : [{ id: candidate.id, conclusion }];
  }

  /** @returns false if there is nothing to do now. */
  async function workOn(plan: Plan, link: Link, signal: AbortSignal): Promise<boolean> {
    const begin = performance.now();
    const paths = new Map(plan.candidates.map(({ id, path }) => [id, path]));
    let task = await units.next(plan);
    if (task === undefined) return false;
    while (task !== undefined) {
      const concluded = await carryOut(task, link, signal);
      await conclude(...concluded.map((each) => ({ ...each, path: paths.get(each.id) })));
      units.concluded(concluded.map(({ id }) => id));
      await requested.settle((id) => notes.of(id).settled);
      // A look at the queue for each file of a unit would take longer than small files do.
      if (concluded.length > 0 || performance.now() - begin > LOOK_MS) break;
      task = units.again(plan);
    }
    return true;
  }

  /** @returns milliseconds until there may be more to do, unless something is heard before. */
  async function step(link: Link, signal: AbortSignal): Promise<number> {
    await outbox.send(link);
    const queue = await link.list();
    const requests = await requested.notes();
    for (const { id } of requests) notes.of(id).announced = true; // long ago
    const { asking, overtaken } = await fleets.look(link, [...requests, ...queue], signal);
    const plan = await planFor([...requests, ...queue, ...asking], overtaken);
    if (await discard(link, queue, signal)) return 0;
    const { refusals, departures, resting } = plan;
    const superseded = [...plan.superseded, ...overtaken.filter(({ id }) => !notes.of(id).settled)];
    announce(plan);
    for (const refusal of refusals) await conclude({ id: refusal.id, conclusion: concludeRefusal(refusal) });
    for (const note of superseded) await conclude({ id: note.id, conclusion: concludeSuperseded(note) });
    for (const departure of departures) {
      const { isGone, ...conclusion } = await confirm(link, departure, signal);
      if (isGone) await failed.leave(departure.path, departure.gone.name).catch(() => undefined);
      await conclude({ id: departure.id, conclusion });
    }
    // Again, in case the disk now allows what it did not before.
    await placing.settle(signal);
    await catchUp();
    if (await workOn(plan, link, signal)) return 0;
    // Housekeeping: a disk that cannot be written must not end the agent for it.
    await partials.keepOnly(units.pathsToKeep(plan)).catch(() => undefined);
    await requested.settle((id) => notes.of(id).settled);
    if (refusals.length + superseded.length + departures.length > 0) return 0;
    await fleets.tell();
    await outbox.send(link);
    const waiting = [...resting.map(({ id }) => id), ...fleets.ids().filter(notes.isResting)];
    const rested = notes.nextEndMs(waiting);
    const due = [rested, units.closesInMs(), outbox.opensInMs()].map((ms) => ms ?? LOOK_AGAIN_MS);
    return Math.min(LOOK_AGAIN_MS, ...due);
  }

  return {
    async work(link, signal) {
      while (!signal.aborted) {
        const idleMs = await step(link, signal);
        if (idleMs > 0) await bell.until(signal, (either) => link.wait(idleMs, either));
      }
    },
  };
}
