import { withJitter } from "./jitter.ts";
import type { Job, Next } from "./job-message.ts";
import type { JobRequests } from "./job-requests.ts";

/** Milliseconds after the last word about jobs, less jitter, when AWS is asked: a message that was lost is not sent again. Each time costs half a kilobyte. [NF-13.7] */
const ASK_MS = 60 * 60_000;
/** The same after a job's end, which the next one's message should follow at once. */
const ASK_AFTER_END_MS = 30_000;

/** Which job comes next, as far as one link has heard. */
export type NextJob = {
  job(): Job | undefined;
  /** True until `see`: another job than before. */
  isNew(): boolean;
  see(): void;
  /** Takes in what came unasked. @returns true if there is something to see, or to ask */
  hear(next: Next): boolean;
  /** When AWS is to be asked, by the clock; in the past if it has to be, before anything is said of the job. */
  askAt(): number;
  /** AWS knows better: it is to be asked. */
  doubt(): void;
  /** @returns false where AWS asks to come later. @throws {LinkDown} */
  ask(): Promise<boolean>;
  /** What was said of a job was taken. */
  said(job: Job, status: string): void;
};

/** @param left told of a job that another has taken the place of */
export function createNextJob(
  requests: Pick<JobRequests, "next">,
  now: () => number,
  left: (job: Job) => void,
): NextJob {
  let head: Job | undefined;
  let isNew = false;
  let isStale = true; // what came while nobody was there is asked for, whatever the broker has kept
  let askAt = now();
  /** Messages so far that nobody asked for. */
  let unasked = 0;
  let latest = 0;

  function take(job: Job | undefined): void {
    const before = head;
    const isSame = before !== undefined && job !== undefined && nameOf(before) === nameOf(job);
    if (isSame && job.version < before.version) return;
    head = job;
    if (isSame) return;
    isNew = job !== undefined;
    if (before !== undefined) left(before);
  }

  /** What the broker had kept comes after a link was opened, and may be older; or a clock of AWS's is slow, and it is news: it is asked for. */
  function believe({ job, timestamp = latest }: Next): void {
    if (timestamp < latest) {
      isStale = true;
      return;
    }
    latest = timestamp;
    askAt = now() + withJitter(ASK_MS, 0.25);
    take(job);
  }

  return {
    job: () => head,
    isNew: () => isNew,
    see() {
      isNew = false;
    },
    hear(next) {
      unasked += 1;
      believe(next);
      return isNew || isStale;
    },
    askAt: () => (isStale ? Number.NEGATIVE_INFINITY : askAt),
    doubt() {
      isStale = true;
    },
    async ask() {
      const before = unasked;
      const next = await requests.next();
      if (next === undefined) return false;
      isStale = false;
      if (unasked === before) latest = 0; // it is AWS's word of now, whatever the clock of the one that answers
      believe(next);
      return true;
    },
    said(job, status) {
      if (head !== job) return; // more was heard since
      if (status === "IN_PROGRESS") {
        head = { ...job, status, version: job.version + 1 };
      } else {
        head = undefined;
        askAt = now() + withJitter(ASK_AFTER_END_MS, 0.5);
      }
    },
  };
}

/** A job may be carried out on a thing more than once. */
export function nameOf({ id, execution }: Job): string {
  return `${id} ${execution}`;
}
