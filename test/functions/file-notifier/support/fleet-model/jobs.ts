import type { Jobs } from "../../../../../functions/file-notifier/carrier/iot/jobs.ts";
import { RetryLater } from "../../../../../functions/file-notifier/outcome/retry-later.ts";
import type { Random } from "../../../../support/seeded-random.ts";

export type ModelJob = { target: string; document: string; isCancelled: boolean };

/** AWS IoT as far as it is asked, in memory, and what can go wrong with it. */
export type ModelJobs = {
  all: Map<string, ModelJob>;
  /** Requests that are not carried out yet, though whoever sent them has given up, or died. */
  late: (() => void)[];
  jobs: Jobs;
};

/** As an attempt ends before its claim: its request is given up by then. */
const TIME_OUT_MS = 4_000;

export function createModelJobs(
  clock: { now: number },
  random: Random,
  step: () => Promise<void>,
  faulty: () => boolean,
  isPatient: boolean,
): ModelJobs {
  const all = new Map<string, ModelJob>();
  const late: ModelJobs["late"] = [];

  /** A request may be refused, carried out though its reply is lost, or carried out late. */
  async function call(carryOut: () => void): Promise<void> {
    const started = clock.now;
    if (faulty()) late.push(carryOut); // if its sender dies now, it may arrive all the same
    await step();
    if (late.includes(carryOut)) late.splice(late.indexOf(carryOut), 1);
    const draw = faulty() ? random.below(10) : 9;
    if (draw === 0) throw new RetryLater("iot-unavailable", "not now", { fate: "uncertain" });
    if (draw === 1) throw new RetryLater("iot-throttled", "not so fast", { fate: "unsent" });
    const isGivenUp = clock.now - started > TIME_OUT_MS;
    if (draw === 2 || isGivenUp) {
      if (isPatient) late.push(carryOut);
    } else carryOut();
    if (draw < 4 || isGivenUp)
      throw new RetryLater("iot-unavailable", "nobody saw how it ended", { fate: "uncertain" });
    await step();
  }

  return {
    ...{ all, late },
    jobs: {
      async create({ id, targetUid: target, document }) {
        await call(() => {
          if (!all.has(id)) all.set(id, { target, document, isCancelled: false });
        });
      },
      async cancel(id) {
        try {
          await call(() => {
            const job = all.get(id);
            if (job !== undefined) job.isCancelled = true;
          });
        } catch (error) {
          // What was created is there, whatever becomes of this.
          throw error instanceof RetryLater
            ? new RetryLater(error.reason, error.message, { fate: "uncertain" })
            : error;
        }
      },
    },
  };
}
