import type { JobRefused } from "../../../../../agent/events/agent-event.ts";
import type { Next } from "../../../../../agent/link/iot/job-message.ts";
import type { JobRequests } from "../../../../../agent/link/iot/job-requests.ts";
import { createJobs, type HeardJobs, type JobsOptions } from "../../../../../agent/link/iot/jobs.ts";
import { createPace } from "../../../../../agent/link/iot/pace.ts";
import { openPasses } from "../../../../../agent/link/iot/passes.ts";

export const THING = "thing:pump";
export const NOTICE = { serial: 7, sha256: "A".repeat(43), size: 10 };

export const jobFor = (target: string, second: number): Next => ({
  timestamp: second,
  job: {
    ...{ id: `nf-${second}`, status: "QUEUED", version: 1, execution: 1 },
    announced: { for: target, sig: "S".repeat(22), at: "https://localhost:1", notice: NOTICE },
  },
});

export const NOTHING: Next = { job: undefined, timestamp: undefined };

/** The agent's side of jobs with a clock that stands still, and an AWS IoT that `aws` plays, which else has no job and takes every word. */
export async function jobsUnderTest(
  aws: Partial<Pick<JobRequests, "next" | "update">> = {},
  options: Partial<Pick<JobsOptions, "wordOf" | "memory">> = {},
) {
  const clock = { ms: 0 };
  const count = { asked: 0 };
  const said: string[] = [];
  const events: JobRefused[] = [];
  const requests: JobRequests = {
    ...{ hear: () => ({}), subscribe: async () => undefined },
    async next() {
      count.asked += 1;
      return aws.next === undefined ? NOTHING : await aws.next();
    },
    async update(job, status, details) {
      said.push(`${job.id} ${status}${details === undefined ? "" : " with details"}`);
      return aws.update === undefined ? { is: "done" } : await aws.update(job, status, details);
    },
  };
  const memory: HeardJobs = { announced: new Map() };
  const passes = await openPasses("/nowhere/passes.json");
  const pace = createPace(() => clock.ms);
  const open = () =>
    createJobs({
      ...{ uid: THING, stage: undefined, requests, passes, memory, pace, now: () => clock.ms },
      ...{ wordOf: () => ({}), tell: (event) => events.push(event), ...options },
    });
  return { jobs: open(), open, clock, count, said, events };
}
