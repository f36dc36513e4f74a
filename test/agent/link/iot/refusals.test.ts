import { expect, test } from "vitest";
import { filesOf } from "../../support/fleet-device.ts";
import { jobFor, jobsUnderTest, NOTICE, THING } from "./support/jobs-under-test.ts";
import { thingDevice } from "./support/thing-device.ts";

const MINUTE = 60_000;
const why = { code: "InvalidRequest", message: `it is wrong${"!".repeat(1000)}` };
const wordOf = () => ({ serial: NOTICE.serial + 1 });

test("a job ends though AWS took neither its beginning nor its details, and that is told once [NF-13.8]", async () => {
  const device = await thingDevice();
  device.iot.faults.inject("invalid", { action: "iotjobsdata:UpdateJobExecution", calls: 2 });
  const agent = device.start();
  const { job } = await device.target().announce(filesOf(1));
  await device.expectEnd(job, "SUCCEEDED");
  expect((await device.execution(job)).details ?? {}).toEqual({});
  expect(agent.events.filter(({ event }) => event === "job-refused")).toMatchObject([
    { job: `${job} 1`, status: "IN_PROGRESS", detail: "InvalidRequest: the request is not valid" },
  ]);
});

test("a job of which AWS takes no word is told again, ever later, on later links too, and keeps no other status waiting [NF-13.8]", async () => {
  let isDone = false;
  const { open, clock, said, events } = await jobsUnderTest(
    { next: async () => jobFor(THING, 1), update: async () => ({ is: "refused", why }) },
    { wordOf: () => (isDone ? wordOf() : {}) },
  );
  const jobs = open();
  await jobs.tend();
  expect(said).toEqual(["nf-1 IN_PROGRESS"]);
  isDone = true;
  for (const most of [0.5, 1, 2, 4, 8, 16, 32, 60, 60]) {
    said.length = 0;
    await jobs.tend();
    await jobs.tend();
    expect(said).toEqual(["nf-1 SUCCEEDED with details", "nf-1 SUCCEEDED"]);
    await open().tend();
    expect(said).toHaveLength(2);
    clock.ms += most * 0.75 * MINUTE - 1;
    await jobs.tend();
    expect(said).toHaveLength(2);
    clock.ms += most * 0.25 * MINUTE + 1;
  }
  expect(events).toHaveLength(1);
  expect(events[0]?.detail).toMatch(/^InvalidRequest: it is wrong!{200,280}$/);
});

test("a job that AWS calls out of date and gives out again as it was is not told at once for ever", async () => {
  const { jobs, clock, said, count, events } = await jobsUnderTest({
    next: async () => jobFor(THING, 1),
    update: async () => ({ is: "moved", why: { code: "VersionMismatch", message: "" } }),
  });
  for (let times = 0; times < 10; times += 1) await jobs.tend();
  expect([said.length, count.asked, events.length]).toEqual([2, 2, 1]);
  clock.ms += MINUTE;
  await jobs.tend();
  expect(said).toHaveLength(4);
});
