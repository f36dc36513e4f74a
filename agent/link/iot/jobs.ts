import type { JobRefused } from "../../events/agent-event.ts";
import type { AnnouncedManifest } from "../link.ts";
import { type AnnouncedManifests, createAnnouncedByJobs } from "./announced-by-jobs.ts";
import { withJitter } from "./jitter.ts";
import type { Job, Next } from "./job-message.ts";
import type { JobRequests } from "./job-requests.ts";
import { giveUp, type JobEnd, judgeJob, type ManifestWord } from "./judge-job.ts";
import type { Passes } from "./passes.ts";
import { createRefusals, type Refused } from "./refusals.ts";
import { statusDetailsOf } from "./status-details.ts";

/** Milliseconds that a job may be stuck: it keeps those of other targets waiting. Its manifest is gone by all the same. */
const PATIENCE_MS = 15 * 60_000;

/** Milliseconds before AWS is asked again that was busy, doubling, with jitter. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/** Milliseconds after the last word about jobs, less jitter, when AWS is asked: a message that was lost is not sent again. Each time costs half a kilobyte. [NF-13.7] */
const ASK_MS = 60 * 60_000;
/** The same after a job's end, which the next one's message should follow at once. */
const ASK_AFTER_END_MS = 30_000;

/** Jobs in a row that are ended without a word of the agent's: a queue of strangers' jobs must not keep it from its files. */
const MAX_AT_ONCE = 16;

const NOT_BUSY = { times: 0, until: Number.NEGATIVE_INFINITY };

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
  /** True if anything was heard since this was asked last. */
  takeNews(): boolean;
  onNews(tell: (() => void) | undefined): void;
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
  wordOf,
  tell: tellEvent,
  now = () => performance.now(),
}: JobsOptions): Jobs {
  const announced = createAnnouncedByJobs(memory.announced, { uid, stage, passes, wordOf });
  let head: Job | undefined;
  let isStale = true;
  let askAt = now();
  /** When what could not be said yet may be. */
  let held = Number.POSITIVE_INFINITY;
  /** Messages so far that nobody asked for. */
  let unasked = 0;
  let hasNews = false;
  let tell: (() => void) | undefined;
  let latest = 0;
  const refusals = createRefusals(memory, now, tellEvent);
  /** What AWS last called out of date. */
  let moved = "";
  let busy = NOT_BUSY;

  function take(job: Job | undefined): void {
    const before = head;
    const isSame = before !== undefined && job !== undefined && nameOf(before) === nameOf(job);
    if (isSame && job.version < before.version) return;
    head = job;
    if (before !== undefined && !isSame) announced.forget(before);
    if (job !== undefined && !isSame) hasNews = true;
  }

  /** @returns false if nothing more can be done now. */
  async function say(job: Job, status: string, details?: Record<string, string>): Promise<boolean> {
    const execution = nameOf(job);
    const refusedUntil = refusals.until(execution, status);
    if (now() < refusedUntil) return holdUntil(Math.min(refusedUntil, askAt));
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
      if (mayBeDetails) updated = await requests.update(job, status);
      if (updated.is !== "done") return holdUntil(Math.min(until, askAt));
    }
    if (updated.is === "moved") isStale = true;
    if (updated.is === "done" && head === job) moveOn(job, status);
    return true;
  }

  /** Nothing was heard since that: which job comes next is still to be. */
  function moveOn(job: Job, status: string): void {
    if (status === "IN_PROGRESS") {
      head = { ...job, status, version: job.version + 1 };
    } else {
      head = undefined;
      askAt = now() + withJitter(ASK_AFTER_END_MS, 0.5);
    }
  }

  function comeLater(): false {
    const pause = withJitter(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** busy.times), 0.5);
    busy = { times: busy.times + 1, until: now() + pause };
    return holdUntil(busy.until);
  }

  function holdUntil(time: number): false {
    held = time;
    return false;
  }

  /** @returns false if nothing more can be done now. */
  async function tendOne(): Promise<boolean> {
    if (now() < busy.until) return holdUntil(busy.until);
    if (isStale || now() >= askAt) {
      const before = unasked;
      const next = await requests.next();
      if (next === undefined) return comeLater();
      busy = NOT_BUSY;
      isStale = false;
      if (unasked === before) latest = 0; // it is AWS's word of now, whatever the clock of the one that answers
      believe(next);
    }
    const job = head;
    if (job === undefined) return false;
    const verdict = judgeJob(job, uid, wordOf);
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

  /** What the broker had kept comes after a link was opened, and may be older; or a clock of AWS's is slow, and it is news: it is asked for. */
  function believe({ job, timestamp = latest }: Next): void {
    if (timestamp < latest) {
      isStale = true;
      hasNews = true;
    } else {
      latest = timestamp;
      askAt = now() + withJitter(ASK_MS, 0.25);
      take(job);
    }
    if (hasNews) tell?.();
  }

  return {
    heard(next) {
      unasked += 1;
      believe(next);
    },
    takeNews() {
      const had = hasNews;
      hasNews = false;
      return had;
    },
    onNews(listener) {
      tell = listener;
    },
    async tend() {
      held = Number.POSITIVE_INFINITY;
      let count = 0;
      while (count < MAX_AT_ONCE && (await tendOne())) count += 1;
      if (count === MAX_AT_ONCE) held = now();
    },
    dueMs: () => Math.max(0, (held === Number.POSITIVE_INFINITY ? askAt : held) - now()),
    announced: announced.all,
  };
}

function nameOf({ id, execution }: Job): string {
  return `${id} ${execution}`;
}
