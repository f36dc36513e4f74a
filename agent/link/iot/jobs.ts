import { variableName } from "../../../protocol/manifest-variable.ts";
import type { AnnouncedManifest } from "../link.ts";
import type { Job, Next } from "./job-message.ts";
import type { JobRequests } from "./job-requests.ts";
import { giveUp, type JobEnd, judgeJob, type ManifestWord } from "./judge-job.ts";
import type { Passes } from "./passes.ts";
import { statusDetailsOf } from "./status-details.ts";

/** Milliseconds that a job may be stuck: it keeps those of other targets waiting. Its manifest is gone by all the same. */
const PATIENCE_MS = 15 * 60_000;

/** Milliseconds before AWS is asked again that was busy, doubling, with jitter. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/** Jobs in a row that are ended without a word of the agent's: a queue of strangers' jobs must not keep it from its files. */
const MAX_AT_ONCE = 16;

/** Manifests that are told of at a time: a thing is in at most ten groups. Those of groups it was in before make room. */
const MAX_ANNOUNCED = 16;

/** What was heard of jobs; it outlives single links, which on some networks last for minutes. */
export type HeardJobs = {
  announced: Map<string, AnnouncedManifest & { target: string }>;
  /** The execution that is stuck, and since when, by `now`. */
  stuck?: { execution: string; since: number } | undefined;
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
  announced(): AnnouncedManifest[];
};

export type JobsOptions = {
  uid: string;
  stage: string | undefined;
  requests: JobRequests;
  passes: Passes;
  memory: HeardJobs;
  wordOf: (target: string) => ManifestWord;
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
  now = () => performance.now(),
}: JobsOptions): Jobs {
  let head: Job | undefined;
  let isStale = true;
  /** Messages so far that nobody asked for. */
  let unasked = 0;
  let hasNews = false;
  let tell: (() => void) | undefined;
  let latest = 0;
  /** Executions that AWS takes no word of. */
  const leftAlone = new Set<string>();
  let busy = { times: 0, until: Number.NEGATIVE_INFINITY };

  function take(job: Job | undefined): void {
    const before = head;
    const isSame = before !== undefined && job !== undefined && nameOf(before) === nameOf(job);
    if (isSame && job.version < before.version) return;
    head = job;
    if (before !== undefined && !isSame) forget(before);
    if (job !== undefined && !isSame) hasNews = true;
  }

  /** A job that was cancelled before its manifest was here asks for nothing any more. */
  function forget({ announced }: Job): void {
    if (announced === undefined) return;
    const { for: target, notice } = announced;
    const variable = variableName(target, stage);
    const isIts = memory.announced.get(variable)?.notice.sha256 === notice.sha256;
    if (isIts && (wordOf(target).serial ?? 0) < notice.serial) memory.announced.delete(variable);
  }

  async function announce({ announced }: Job): Promise<void> {
    if (announced === undefined) return;
    const { for: target, sig, at, notice } = announced;
    const variable = variableName(target, stage);
    const before = memory.announced.get(variable);
    await passes.keep(target, { sig, at });
    if (before !== undefined && before.notice.serial > notice.serial) return;
    memory.announced.delete(variable); // to come last
    memory.announced.set(variable, { variable, notice, target });
    if (memory.announced.size <= MAX_ANNOUNCED) return;
    const oldest = [...memory.announced.values()].find((each) => each.target !== uid);
    if (oldest !== undefined) memory.announced.delete(oldest.variable);
  }

  /** @returns false if nothing more can be done now. */
  async function say(job: Job, status: string, details?: Record<string, string>): Promise<boolean> {
    const updated = await requests.update(job, status, details);
    if (updated === "later") {
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** busy.times) * (0.5 + Math.random() / 2);
      busy = { times: busy.times + 1, until: now() + pause };
      return false;
    }
    busy = { times: 0, until: Number.NEGATIVE_INFINITY };
    if (updated === "refused") leftAlone.add(nameOf(job));
    if (updated === "moved") isStale = true;
    if (updated === "done" && head === job)
      head =
        status === "IN_PROGRESS" ? { ...job, status: "IN_PROGRESS", version: job.version + 1 } : undefined;
    return true;
  }

  /** @returns false if nothing more can be done now. */
  async function tendOne(): Promise<boolean> {
    if (now() < busy.until) return false;
    if (isStale) {
      const before = unasked;
      const next = await requests.next();
      if (next === undefined) return false;
      isStale = false;
      if (unasked === before) latest = 0; // it is AWS's word of now, whatever the clock of the one that answers
      believe(next);
    }
    const job = head;
    if (job === undefined || leftAlone.has(nameOf(job))) return false;
    const verdict = judgeJob(job, uid, wordOf);
    if (verdict.do === "end") return say(job, verdict.end.status, statusDetailsOf(verdict.end));
    await announce(job);
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
      for (let count = 0; count < MAX_AT_ONCE && (await tendOne()); count += 1);
    },
    announced: () => [...memory.announced.values()].map(({ variable, notice }) => ({ variable, notice })),
  };
}

function nameOf({ id, execution }: Job): string {
  return `${id} ${execution}`;
}
