import type { Link, QueuedNote } from "../link/link.ts";
import { createAttendant, type DeliveryParts } from "./attend.ts";
import type { Conclusion } from "./conclude.ts";
import { createOutbox } from "./outbox.ts";
import { type Candidate, type Plan, planDeliveries, type Refusal } from "./plan.ts";
import { createRests } from "./rests.ts";

/** Works off the announcement queue of a link, for as long as the link lasts. */
export type Courier = {
  /**
   * Comes back when `signal` aborts.
   *
   * @throws {LinkDown} when a new link is needed; what was under way goes on over that.
   */
  work(link: Link, signal: AbortSignal): Promise<void>;
};

/** The queue is looked at this often even if nothing has been heard: an event on the line may have been missed. */
const LOOK_AGAIN_MS = 60_000;

/**
 * INVARIANTS: one delivery at a time; a Note is deleted only after its outcome is on disk [NF-9.5] and its receipt was offered
 * to the Notecard, which gets it later if it has no room: a queue of receipts that is full for months stops no delivery.
 * What is remembered here, but for such receipts, a successor could find out again from the queue, the files and the
 * downloads under way.
 */
export function createCourier(parts: DeliveryParts): Courier {
  const { emit, partials, placing, policy } = parts;
  const attend = createAttendant(parts);
  const rests = createRests(policy);
  const settled = new Set<string>();
  const announced = new Set<string>();
  const failedOnce = new Set<string>();
  const discarded = new Set<string>();
  const outbox = createOutbox();

  function forgetWhatIsGone(queue: readonly QueuedNote[]): void {
    const queued = new Set(queue.map(({ id }) => id));
    for (const memory of [settled, announced, failedOnce, discarded]) {
      for (const id of memory) if (!queued.has(id)) memory.delete(id);
    }
  }

  function announce({ candidates }: Plan): void {
    for (const { id, announcement } of candidates) {
      if (announced.has(id)) continue;
      announced.add(id);
      const { name, size, sha256 } = announcement;
      emit({ event: "announced", name, size, sha256 });
    }
  }

  function refuse({ id, announcement, reason, detail }: Refusal): void {
    const { name = "", sha256 = "" } = announcement ?? {};
    emit({ event: "refused", name, reason, detail });
    if (name !== "") outbox.add({ name, sha256, state: "refused", reason, bytes: 0, requests: 0 });
    settled.add(id);
  }

  function conclude(
    { id, path }: Candidate,
    { events, receipt, settled: done, rests: tryLater }: Conclusion,
  ): void {
    const retrySeconds = tryLater ? { retrySeconds: rests.begin(path, id) / 1000 } : {};
    if (!tryLater) rests.end(path);
    for (const event of events) emit(event.event === "failed" ? { ...event, ...retrySeconds } : event);
    if (!failedOnce.has(id) || !tryLater) outbox.add(receipt); // one receipt says that it fails, and one how it ended
    if (tryLater) failedOnce.add(id);
    for (const each of done) settled.add(each);
  }

  /** @returns true if the queue is another one now, as far as the link tells. */
  async function discard(link: Link, [oldest]: readonly QueuedNote[], signal: AbortSignal): Promise<boolean> {
    if (oldest === undefined || !settled.has(oldest.id)) return false;
    // A Notecard that keeps what it says to have deleted is told again at the next look, and not at once for ever.
    const kept = discarded.size > 0;
    discarded.clear();
    if (kept) return false;
    for (const id of await link.discard(settled, signal)) discarded.add(id);
    return discarded.size > 0;
  }

  /** @returns milliseconds until there may be more to do, if nothing is heard before. */
  async function step(link: Link, signal: AbortSignal): Promise<number> {
    await outbox.send(link);
    const queue = await link.list();
    forgetWhatIsGone(queue);
    if (await discard(link, queue, signal)) return 0;
    const plan = planDeliveries(queue, settled);
    announce(plan);
    for (const refusal of plan.refusals) refuse(refusal);
    await placing.settle(signal); // what the disk did not let be done before
    const idleMs = Math.min(LOOK_AGAIN_MS, rests.nextEndMs() ?? LOOK_AGAIN_MS);
    const candidate = plan.candidates.find(({ path, id }) => !rests.isResting(path, id));
    if (candidate !== undefined) conclude(candidate, await attend(link, candidate, signal));
    // Housekeeping: a disk that cannot be written must not end the agent for it.
    else await partials.keepOnly(plan.candidates.map(({ path }) => path)).catch(() => undefined);
    return candidate !== undefined || plan.refusals.length > 0 ? 0 : idleMs;
  }

  return {
    async work(link, signal) {
      while (!signal.aborted) {
        const idleMs = await step(link, signal);
        if (idleMs > 0) await link.wait(idleMs, signal);
      }
    },
  };
}
