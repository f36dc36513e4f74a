import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { writePrivateFile } from "../../host/disk/private-file.ts";

/** A rule with a rate. Each target is a queue, by its ARN, that gets `input` as it is. */
export type ScheduledRule = {
  id: string;
  arn: string;
  everySeconds: number;
  targets: readonly { queueArn: string; input: string }[];
};

export type ScheduledRules = {
  /** Nothing is sent any more once it resolves. */
  stop(): Promise<void>;
};

/** A rate that is divided by a great time scale would send without a pause. */
const SHORTEST_MS = 100;

/** Longer timers of Node fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Epoch milliseconds of each rule's last time, or of when it was first seen; by id. */
const LastTimes = v.record(v.string(), v.number());

/**
 * Sends what rules have to send, at their rates divided by `timeScale`: the first time one period after a rule is first
 * seen. The times are kept in `file`: AWS counts on while this machine is off, so what has become due meanwhile is sent
 * at the start, once.
 */
export async function startScheduledRules(options: {
  file: string;
  rules: readonly ScheduledRule[];
  timeScale: number;
  send: (queueArn: string, input: string) => Promise<void>;
  onFault: (error: unknown) => void;
}): Promise<ScheduledRules> {
  const { file, rules, timeScale, send, onFault } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const last = new Map(await readTimes(file));
  let saving = Promise.resolve();
  const save = () => {
    saving = saving
      .then(() => writePrivateFile(file, JSON.stringify(Object.fromEntries(last))))
      .catch(onFault);
    return saving;
  };

  async function run({ id, everySeconds, targets }: ScheduledRule): Promise<void> {
    const periodMs = Math.max(SHORTEST_MS, (everySeconds * 1000) / timeScale);
    for (;;) {
      // A clock that was set back must not hold a rule up for longer than its period.
      const from = Math.min(last.get(id) ?? 0, Date.now());
      await sleepUntil(from + periodMs, signal);
      if (signal.aborted) return;
      last.set(id, Date.now());
      await save();
      for (const { queueArn, input } of targets) await send(queueArn, input).catch(onFault);
    }
  }

  for (const { id } of rules) if (!last.has(id)) last.set(id, Date.now());
  if (rules.length > 0) await save();
  const running = rules.map(run);
  return {
    async stop() {
      stopping.abort();
      await Promise.all(running);
      await saving;
    },
  };
}

async function sleepUntil(time: number, signal: AbortSignal): Promise<void> {
  for (let left = time - Date.now(); left > 0 && !signal.aborted; left = time - Date.now()) {
    await sleep(Math.min(left, LONGEST_TIMER_MS), undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** What cannot be read is begun anew: at worst a message comes a period late. */
async function readTimes(file: string): Promise<[string, number][]> {
  try {
    return Object.entries(v.parse(LastTimes, JSON.parse(await readFile(file, "utf8"))));
  } catch {
    return [];
  }
}
