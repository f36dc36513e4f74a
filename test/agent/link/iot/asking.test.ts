import { expect, test } from "vitest";
import type { Next } from "../../../../agent/link/iot/job-message.ts";
import { jobFor, jobsUnderTest, NOTHING, NOTICE, THING } from "./support/jobs-under-test.ts";

const MINUTE = 60_000;

test("a job whose message was lost is asked for within an hour of the last word, and not before three quarters of it [NF-13.7]", async () => {
  const queue: Next[] = [NOTHING, NOTHING, jobFor(THING, 1)];
  const { jobs, clock, count } = await jobsUnderTest({ next: async () => queue.shift() });
  await jobs.tend();
  clock.ms = 25 * MINUTE;
  jobs.heard(NOTHING); // a word that came unasked
  expect(jobs.dueMs()).toBeGreaterThanOrEqual(45 * MINUTE);
  clock.ms += 44 * MINUTE;
  await jobs.tend();
  expect(count.asked).toBe(1);
  for (const asked of [2, 3]) {
    clock.ms += 60 * MINUTE;
    await jobs.tend();
    await jobs.tend();
    expect(count.asked).toBe(asked);
  }
  expect(jobs.takeNews()).toBe(true);
  expect(jobs.announced()).toHaveLength(1);
});

test("after the end of a job the next one is asked for soon, unless something is heard [NF-13.7]", async () => {
  const wordOf = () => ({ serial: NOTICE.serial + 1 });
  const { jobs, clock, count, said } = await jobsUnderTest({}, { wordOf });
  await jobs.tend();
  for (const [second, heard] of [jobFor(THING, 1), jobFor(THING, 2)].entries()) {
    jobs.heard(heard);
    await jobs.tend();
    expect(said).toHaveLength(second + 1);
    expect(jobs.dueMs()).toBeLessThanOrEqual(30_000);
    if (second === 0) jobs.heard(NOTHING);
    clock.ms += 30_000;
    await jobs.tend();
    expect(count.asked).toBe(second + 1);
  }
});

test("what AWS is too busy to answer is asked for again in a while, ever longer", async () => {
  const { jobs, clock, count } = await jobsUnderTest({ next: async () => undefined });
  for (const most of [2_000, 4_000, 8_000, 16_000, 32_000, MINUTE, MINUTE]) {
    const before = count.asked;
    await jobs.tend();
    expect(jobs.dueMs()).toBeLessThanOrEqual(most);
    expect(jobs.dueMs()).toBeGreaterThanOrEqual(most / 2);
    await jobs.tend();
    expect(count.asked).toBe(before + 1);
    clock.ms += jobs.dueMs();
  }
});
