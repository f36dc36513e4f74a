import { expect, test } from "vitest";
import type { Next } from "../../../../agent/link/iot/job-message.ts";
import { createRandom, readSeed } from "../../../support/seeded-random.ts";
import { jobFor, jobsUnderTest, NOTHING, NOTICE, THING } from "./support/jobs-under-test.ts";

const seed = readSeed();
const HOUR = 3_600_000;
/** What a broker can have a thing do at once, and in an hour besides. */
const [BURST, AN_HOUR] = [120, 720];
const why = { code: "VersionMismatch", message: "" };

test.each([
  ["of jobs to be fetched for", {}, 1],
  ["of jobs that end at once", { serial: NOTICE.serial + 1 }, 0],
])(
  "whatever a broker sends, a thing asks, says and sees a bounded number of times in an hour: %s [NF-13.9]",
  async (_, word, counted) => {
    const random = createRandom(seed);
    let second = 0;
    const anything = (): Next => {
      const what = random.below(5);
      second += 1;
      if (what === 0) return NOTHING;
      if (what === 1) return { ...jobFor(THING, second), timestamp: 1 };
      return jobFor(what === 2 ? THING : `thing-group:g${random.below(1_000)}`, second);
    };
    const aws = {
      next: async () => anything(),
      update: async () => ({ is: random.pick(["done", "moved", "refused"] as const), why }),
    };
    const { open, clock, count, said } = await jobsUnderTest(aws, { wordOf: () => word });
    let jobs = open();
    let wakes = 0;
    let seen = 0;
    const onNews = (inMs: number) => {
      if (inMs === 0) wakes += 1;
    };
    jobs.onNews(onNews);
    const flood = async (messages: number, ms: number) => {
      for (let sent = 0; sent < messages; sent += 1) {
        clock.ms += ms / messages;
        jobs.heard(anything());
        await jobs.tend();
        if (jobs.takeNews()) seen += counted;
        if (random.below(100) === 0) {
          jobs = open();
          jobs.onNews(onNews);
        }
      }
    };
    await flood(2_000, 0);
    expect(count.asked + said.length + seen).toBeLessThanOrEqual(BURST);
    expect(jobs.dueMs()).toBeGreaterThan(0);
    expect(wakes).toBeLessThanOrEqual(BURST);
    await flood(5_000, HOUR);
    expect(count.asked + said.length + seen).toBeGreaterThan(AN_HOUR / 2);
    expect(count.asked + said.length + seen).toBeLessThanOrEqual(BURST + AN_HOUR);
    expect(wakes).toBeLessThanOrEqual(BURST + AN_HOUR);
  },
);

test("a queue of eighty strangers' jobs, and the ten of a thing's groups after it, wait for nothing", async () => {
  const strangers = Array.from({ length: 80 }, (_, at): Next => {
    const { job } = jobFor(THING, at + 1);
    return { job: job && { ...job, announced: undefined }, timestamp: at + 1 };
  });
  const groups = Array.from({ length: 10 }, (_, at) => jobFor(`thing-group:g${at}`, at + 81));
  const queue = [...strangers, ...groups];
  const { jobs, said } = await jobsUnderTest(
    { next: async () => queue.shift() },
    { wordOf: () => ({ serial: NOTICE.serial + 1 }) },
  );
  await jobs.tend();
  for (const job of queue) {
    jobs.heard(job);
    await jobs.tend();
  }
  expect(said.filter((each) => each.includes("REJECTED"))).toHaveLength(80);
  expect(said.filter((each) => each.includes("SUCCEEDED"))).toHaveLength(10);
});

test("what came while the pace had run out is seen in seconds, without another message", async () => {
  const { jobs, clock, said } = await jobsUnderTest({}, { wordOf: () => ({ serial: NOTICE.serial + 1 }) });
  const told: number[] = [];
  jobs.onNews((inMs) => told.push(inMs));
  for (let second = 1; second <= 200; second += 1) {
    jobs.heard(jobFor(THING, second));
    await jobs.tend();
  }
  expect(told.at(-1)).toBeGreaterThan(0);
  for (let waits = 0; waits < 3 && !said.includes("nf-200 SUCCEEDED with details"); waits += 1) {
    expect(jobs.dueMs()).toBeLessThanOrEqual(5_000);
    clock.ms += jobs.dueMs();
    await jobs.tend();
  }
  expect(said).toContain("nf-200 SUCCEEDED with details");
});
