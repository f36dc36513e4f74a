import type { JobRefused } from "../../events/agent-event.ts";
import type { AnnouncedManifest } from "../link.ts";
import { type AnnouncedManifests, createAnnouncedByJobs } from "./announced-by-jobs.ts";
import { withJitter } from "./jitter.ts";
import type { Job, Next } from "./job-message.ts";
import type { JobRequests } from "./job-requests.ts";
import { giveUp, type JobEnd, judgeJob, type ManifestWord } from "./judge-job.ts";
import { createNextJob, nameOf } from "./next-job.ts";
import type { Pace } from "./pace.ts";
import type { Passes } from "./passes.ts";
import { createRefusals, type Refused } from "./refusals.ts";
import { statusDetailsOf } from "./status-details.ts";

/** Milliseconds that a job may be stuck: it keeps those of other targets waiting. Its manifest is gone by all the same. */
const PATIENCE_MS = 15 * 60_000;

/** Milliseconds before AWS is asked again that was busy, doubling, less jitter. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
const NOT_BUSY = { times: 0, until: Number.NEGATIVE_INFINITY };

/** Steps in a row before what was heard is fetched: a queue of strangers' jobs must not keep the agent from its files. */
const MAX_AT_ONCE = 32;

/** What was heard of jobs; it outlives single links, which on some networks last for minutes. */
export type HeardJobs = {
  announced: AnnouncedManifests;
  /** The execution that is stuck, and since when, by `now`. */
  stuck?: { execution: string; since: number } | undefined;
  refused?: Refused | undefined;
};

/** The jobs of a thing on one link: one at a time, as AWS IoT tells of them. */
export type Jobs = {
  /** Takes in which job comes next. */
  heard(next: Next): void;
  /** True if `tend` has seen another job since this was asked last. */
  takeNews(): boolean;
  /** @param tell in how many milliseconds what was just heard can be tended */
  onNews(tell: ((inMs: number) => void) | undefined): void;
  /** Says of the next jobs what there is to say of them. @throws {LinkDown} */
  tend(): Promise<void>;
  /** Milliseconds until there is something to tend, unless something is heard before. */
  dueMs(): number;
  announced(): AnnouncedManifest[];
};

export type JobsOptions = {
  uid: string;
  stage: string | undefined;
  requests: JobRequests;
  passes: Passes;
  memory: HeardJobs;
  pace: Pace;
  wordOf: (target: string) => ManifestWord;
  tell: (event: JobRefused) => void;
  /** A clock in milliseconds. */
  now?: () => number;
};

export function createJobs({
  uid,
  stage,
  requests,
  passes,
  memory,
  pace,
  wordOf,
  tell,
  now = () => performance.now(),
}: JobsOptions): Jobs {
  const announced = createAnnouncedByJobs(memory.announced, { uid, stage, passes, wordOf });
  const next = createNextJob(requests, now, announced.forget);
  const refusals = createRefusals(memory, now, tell);
  /** What AWS last called out of date. */
  let moved = "";
  let busy = NOT_BUSY;
  /** When what could not be done yet may be. */
  let held = Number.POSITIVE_INFINITY;
  let hasNews = false;
  let tellNews: ((inMs: number) => void) | undefined;

  /** Each of these tells whether there may be more to do now. */
  function holdUntil(time: number): false {
    held = time;
    return false;
  }

  const holdForPace = () => holdUntil(now() + pace.waitMs());

  function comeLater(): false {
    const pause = withJitter(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** busy.times), 0.5);
    busy = { times: busy.times + 1, until: now() + pause };
    return holdUntil(busy.until);
  }

  async function say(job: Job, status: string, details?: Record<string, string>): Promise<boolean> {
    const execution = nameOf(job);
    const refusedUntil = refusals.until(execution, status);
    if (now() < refusedUntil) return holdUntil(Math.min(refusedUntil, next.askAt()));
    if (!pace.take()) return holdForPace();
    let updated = await requests.update(job, status, details);
    if (updated.is === "later") return comeLater();
    busy = NOT_BUSY;
    const word = `${execution} ${job.version} ${status}`;
    // Out of date once more, although AWS was asked in between: it would go on like that.
    const isContradicted = moved === word;
    moved = updated.is === "moved" && !isContradicted ? word : "";
    if (updated.is === "refused" || (updated.is === "moved" && isContradicted)) {
      const until = refusals.add(execution, status, updated.why);
      const mayBeDetails = updated.is === "refused" && details !== undefined;
      if (mayBeDetails && pace.take()) updated = await requests.update(job, status);
      if (updated.is !== "done") return holdUntil(Math.min(until, next.askAt()));
    }
    if (updated.is === "moved") next.doubt();
    else next.said(job, status);
    return true;
  }

  async function ask(): Promise<boolean> {
    if (!pace.take()) return holdForPace();
    if (!(await next.ask())) return comeLater();
    busy = NOT_BUSY;
    return true;
  }

  async function tendOne(): Promise<boolean> {
    if (now() < busy.until) return holdUntil(busy.until);
    if (now() >= next.askAt()) return ask();
    const job = next.job();
    if (job === undefined) return false;
    const verdict = judgeJob(job, uid, wordOf);
    if (next.isNew()) {
      // What is told of the manifest is fetched; an end is counted as it is said.
      if (verdict.do !== "end" && !pace.take()) return holdForPace();
      next.see();
      hasNews = true;
    }
    if (verdict.do === "end") return say(job, verdict.end.status, statusDetailsOf(verdict.end));
    await announced.add(job);
    if (job.status === "QUEUED") return say(job, "IN_PROGRESS");
    const end = verdict.do === "stuck" ? endOfPatience(job, verdict.why) : undefined;
    if (verdict.do !== "stuck") memory.stuck = undefined;
    return end === undefined ? false : say(job, end.status, statusDetailsOf(end));
  }

  function endOfPatience(job: Job, why: string): JobEnd | undefined {
    const execution = nameOf(job);
    if (memory.stuck?.execution !== execution) memory.stuck = { execution, since: now() };
    return now() - memory.stuck.since < PATIENCE_MS ? undefined : giveUp(job, wordOf, why);
  }

  return {
    heard(message) {
      if (next.hear(message)) tellNews?.(Math.max(pace.waitMs(), busy.until - now(), 0));
    },
    takeNews() {
      const had = hasNews;
      hasNews = false;
      return had;
    },
    onNews(listener) {
      tellNews = listener;
    },
    async tend() {
      held = Number.POSITIVE_INFINITY;
      let count = 0;
      while (count < MAX_AT_ONCE && (await tendOne())) count += 1;
      if (count === MAX_AT_ONCE) held = now();
    },
    dueMs() {
      const at = held < Number.POSITIVE_INFINITY ? held : next.isNew() ? now() : next.askAt();
      return Math.max(0, at - now());
    },
    announced: announced.all,
  };
}
