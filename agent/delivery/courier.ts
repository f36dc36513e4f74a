import type { Link, QueuedNote, Receipt } from "../link/link.ts";
import { createAttendant, type DeliveryParts } from "./attend.ts";
import type { Conclusion } from "./conclude.ts";
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
 * INVARIANTS: one delivery at a time; a Note is deleted only after its outcome is on disk and its receipt is queued [NF-9.5];
 * what is remembered here, a successor could find out again from the queue, the files and the downloads under way.
 */
export function createCourier(parts: DeliveryParts): Courier {
  const { emit, partials, placing, policy } = parts;
  const attend = createAttendant(parts);
  const rests = createRests(policy);
  const settled = new Set<string>();
  const announced = new Set<string>();
  const failedOnce = new Set<string>();
  const outbox: Receipt[] = [];

  function forgetWhatIsGone(queue: readonly QueuedNote[]): void {
    const queued = new Set(queue.map(({ id }) => id));
    for (const memory of [settled, announced, failedOnce]) {
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
    if (name !== "") outbox.push({ name, sha256, state: "refused", reason, bytes: 0, requests: 0 });
    settled.add(id);
  }

  function conclude(
    { id, path }: Candidate,
    { events, receipt, settled: done, rests: tryLater }: Conclusion,
  ): void {
    const retrySeconds = tryLater ? { retrySeconds: rests.begin(path, id) / 1000 } : {};
    if (!tryLater) rests.end(path);
    for (const event of events) emit(event.event === "failed" ? { ...event, ...retrySeconds } : event);
    if (!failedOnce.has(id) || !tryLater) outbox.push(receipt); // one receipt says that it fails, and one how it ended
    if (tryLater) failedOnce.add(id);
    for (const each of done) settled.add(each);
  }

  async function sendReceipts(link: Link): Promise<void> {
    for (let receipt = outbox[0]; receipt !== undefined; receipt = outbox[0]) {
      await link.report(receipt);
      outbox.shift();
    }
  }

  /** @returns milliseconds until there may be more to do, if nothing is heard before. */
  async function step(link: Link, signal: AbortSignal): Promise<number> {
    await sendReceipts(link);
    const queue = await link.list();
    forgetWhatIsGone(queue);
    const [oldest] = queue;
    if (oldest !== undefined && settled.has(oldest.id) && (await link.discard(settled)).length > 0) return 0;
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
