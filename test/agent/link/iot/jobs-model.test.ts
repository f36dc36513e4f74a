import { expect, test } from "vitest";
import type { Job, Next } from "../../../../agent/link/iot/job-message.ts";
import type { Updated } from "../../../../agent/link/iot/job-requests.ts";
import { LinkDown } from "../../../../agent/link/link.ts";
import { variableName } from "../../../../protocol/manifest-variable.ts";
import { createRandom, type Random, readSeed, runs } from "../../../support/seeded-random.ts";
import { jobFor, jobsUnderTest, NOTICE } from "./support/jobs-under-test.ts";

const seed = readSeed();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** How often the courier looks if nothing is heard. */
const LOOK_MS = MINUTE;
const JOBS = 12;
/** By their variables. */
const GROUPS = new Map(
  ["thing-group:a", "thing-group:b", "thing-group:c"].map((uid) => [variableName(uid), uid]),
);
/** Hours in which jobs come, and then those in which nothing goes wrong any more. */
const [TROUBLE, CALM] = [6, 3];

const refusal = (is: "moved" | "later" | "refused", code: string): Updated => ({
  is,
  why: { code, message: "" },
});

/** AWS IoT's queue of one thing, which loses messages and replies, is busy, and refuses what is sound. */
function queueOf(random: Random, isTroubled: () => boolean, hear: (next: Next) => void) {
  const queue: Job[] = [];
  let second = 0;
  const isUnlucky = (percent: number) => isTroubled() && random.below(100) < percent;
  const head = (): Next => {
    second += 1;
    const job = queue.find(({ status }) => status === "IN_PROGRESS") ?? queue[0];
    return { job: job && { ...job }, timestamp: second };
  };
  const tell = () => {
    const next = head();
    if (!isUnlucky(50)) hear(next);
  };
  const remove = (id: string) => {
    const before = head().job?.id;
    queue.splice(
      queue.findIndex((job) => job.id === id),
      1,
    );
    if (before === id) tell();
  };
  const lose = () => {
    if (isUnlucky(10)) throw new LinkDown("AWS IoT answers nothing about jobs");
  };
  return {
    queue,
    add(job: Job) {
      queue.push(job);
      if (queue.length === 1) tell();
    },
    cancel: remove,
    async next(): Promise<Next | undefined> {
      lose();
      return isUnlucky(20) ? undefined : head();
    },
    async update({ id, version }: Job, status: string): Promise<Updated> {
      lose();
      if (isUnlucky(20)) return refusal("later", "RequestThrottled");
      if (isUnlucky(10)) return refusal("refused", "InvalidRequest");
      const job = queue.find((each) => each.id === id);
      if (job === undefined) return refusal("moved", "ResourceNotFound");
      if (job.version !== version) return refusal("moved", "VersionMismatch");
      job.version += 1;
      if (status === "IN_PROGRESS") job.status = status;
      else remove(id);
      lose(); // it was carried out
      return { is: "done" };
    },
  };
}

test.each(runs(20))(
  "whatever AWS IoT loses, refuses or is too busy for, every job ends in the end: run %d [NF-13.7] [NF-13.8]",
  async (run) => {
    const random = createRandom(seed + run);
    /** Serials of what the agent has brought to the device, and told of, by target. */
    const brought = new Map<string, number>();
    const wordOf = (target: string) => {
      const serial = brought.get(target);
      return serial === undefined ? {} : { serial, told: { serial, isWhole: true, hasLeft: true } };
    };
    const isTroubled = () => clock.ms < TROUBLE * HOUR;
    const aws = queueOf(random, isTroubled, (next) => jobs.heard(next));
    const { open, clock, said } = await jobsUnderTest(aws, { wordOf });
    let jobs = open();
    const comes = Array.from({ length: JOBS }, () => random.below(TROUBLE * HOUR)).sort((a, b) => a - b);
    let ids = 0;
    while (clock.ms < (TROUBLE + CALM) * HOUR) {
      while ((comes[0] ?? Number.POSITIVE_INFINITY) <= clock.ms) {
        comes.shift();
        ids += 1;
        const { job } = jobFor(random.pick([...GROUPS.values()]) ?? "", ids);
        if (job?.announced === undefined) throw new Error("it is a job of ours");
        const notice = { ...NOTICE, serial: ids };
        aws.add({ ...job, announced: { ...job.announced, notice } });
        if (random.below(5) === 0) aws.cancel(job.id);
      }
      try {
        await jobs.tend();
        for (const { variable, notice } of jobs.announced())
          if (random.below(3) > 0) brought.set(GROUPS.get(variable) ?? "", notice.serial);
      } catch (error) {
        if (!(error instanceof LinkDown)) throw error;
        jobs = open();
      }
      clock.ms += Math.min(LOOK_MS, Math.max(1_000, jobs.dueMs()));
    }
    expect(aws.queue).toEqual([]);
    expect(said.length).toBeLessThan(1_000);
  },
);
