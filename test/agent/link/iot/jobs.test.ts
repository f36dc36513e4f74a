import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Next } from "../../../../agent/link/iot/job-message.ts";
import type { JobRequests } from "../../../../agent/link/iot/job-requests.ts";
import { createJobs, type HeardJobs } from "../../../../agent/link/iot/jobs.ts";
import { createPace } from "../../../../agent/link/iot/pace.ts";
import { openPasses } from "../../../../agent/link/iot/passes.ts";
import { variableName } from "../../../../protocol/manifest-variable.ts";
import { jobFor, jobsUnderTest, NOTICE, THING } from "./support/jobs-under-test.ts";

/** A thing that one job after the other tells of another target, whose manifest it then reads, and whose AWS takes every word. */
async function toldOf(targets: readonly string[]) {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-targets-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, "passes.json");
  const passes = await openPasses(file);
  const memory: HeardJobs = { announced: new Map() };
  const requests: JobRequests = {
    hear: () => ({}),
    subscribe: async () => undefined,
    next: async () => ({ job: undefined, timestamp: undefined }),
    update: async () => ({ is: "done" }),
  };
  const wordOf = () => ({ serial: NOTICE.serial });
  const jobs = createJobs({
    uid: THING,
    stage: undefined,
    requests,
    passes,
    memory,
    pace: createPace(),
    wordOf,
    tell: () => undefined,
  });
  await jobs.tend();
  for (const [second, target] of targets.entries()) {
    jobs.heard(jobFor(target, second + 1));
    await jobs.tend();
  }
  return { passes, announced: jobs.announced().map(({ variable }) => variable), file };
}

test("a job that is stuck ends in time though no link lasts that long, and lets the next one come [NF-13.5]", async () => {
  const failure = { sha256: NOTICE.sha256, reason: "unauthorized", isFinal: false };
  const next = async () => jobFor(THING, 1);
  const { open, clock, said } = await jobsUnderTest({ next }, { wordOf: () => ({ failure }) });
  for (let minutes = 0; minutes <= 20; minutes += 5) {
    clock.ms = minutes * 60_000;
    await open().tend();
  }
  expect(said).toContain("nf-1 FAILED with details");
});

test("a job whose message was stamped by a slow clock is not lost, and an old message is not believed", async () => {
  const asked: Next[] = [{ job: undefined, timestamp: 100 }, jobFor(THING, 99), jobFor(THING, 99)];
  const { jobs, count } = await jobsUnderTest({ next: async () => asked.shift() });
  await jobs.tend();
  expect(jobs.takeNews()).toBe(false);
  jobs.heard(jobFor(THING, 99));
  await jobs.tend();
  expect(jobs.takeNews()).toBe(true);
  expect(jobs.announced()).toHaveLength(1);
  jobs.heard({ job: undefined, timestamp: 98 });
  await jobs.tend();
  expect(jobs.announced()).toHaveLength(1);
  expect(count.asked).toBe(3);
});

const GROUPS = Array.from({ length: 40 }, (_, group) => `thing-group:g${group}`);

test("a thing that has been in many groups still hears of the next one, and of itself", async () => {
  const { announced } = await toldOf([THING, ...GROUPS]);
  expect(announced).toContain(variableName("thing-group:g39"));
  expect(announced).toContain(variableName(THING));
  expect(announced.length).toBeLessThanOrEqual(16);
});

test("passes of groups that were heard of long ago make room on disk, the thing's own never does", async () => {
  const { passes, file } = await toldOf([THING, ...GROUPS]);
  const kept = Object.keys(JSON.parse(await readFile(file, "utf8")).passes);
  expect(kept).toHaveLength(32);
  expect(kept).toContain(THING);
  expect(passes.last()?.for).toBe("thing-group:g39");
  expect(passes.for({ key: "thing-groups/g39/a", etag: "e", size: 1 })?.for).toBe("thing-group:g39");
});
