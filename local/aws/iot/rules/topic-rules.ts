import { setTimeout as sleep } from "node:timers/promises";
import type { Published } from "../broker/broker.ts";
import { evaluate, NotForRule } from "./evaluate.ts";
import { parseRuleSql } from "./sql.ts";
import { matchesFilter } from "./topic-filter.ts";

/** A rule of the template; `targetArns` are functions. */
export type TopicRule = { name: string; arn: string; sql: string; targetArns: readonly string[] };

/** Lambda's own two retries of an asynchronous invocation, after milliseconds instead of its minutes. */
const RETRY_AFTER_MS = [500, 2000];

const BASIC_INGEST = /^\$aws\/rules\/([a-zA-Z0-9_]+)\/(.+)$/s;

export type TopicRules = {
  /** Has the rules look at a message. */
  take(message: Published): void;
  /** Starts no further attempt, and waits for those that run. */
  stop(): Promise<void>;
};

/**
 * Sends what was published to the functions of the rules that it fits, as AWS does asynchronously: in no order, and again where one
 * fails.
 *
 * @throws {RuleError} for a rule that asks for what is not done here.
 */
export function createTopicRules(options: {
  rules: readonly TopicRule[];
  /** Resolves to whether the function took it. */
  invoke: (functionArn: string, event: unknown) => Promise<boolean>;
  onLog?: (line: string) => void;
  clock?: () => number;
  retryAfterMs?: readonly number[];
}): TopicRules {
  const { invoke, onLog, clock = Date.now, retryAfterMs = RETRY_AFTER_MS } = options;
  const rules = options.rules.map((rule) => ({ ...rule, ...parseRuleSql(rule.sql) }));
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();

  async function deliver(rule: TopicRule, functionArn: string, event: unknown): Promise<void> {
    for (const pause of [...retryAfterMs, undefined]) {
      const taken = await invoke(functionArn, event).catch(() => false);
      if (taken || stopping.signal.aborted) return;
      if (pause === undefined) break;
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
    }
    onLog?.(
      `rule ${rule.name}: ${functionArn} failed ${retryAfterMs.length + 1} times, and the message is dropped`,
    );
  }

  function track(work: Promise<void>): void {
    running.add(work);
    void work.then(() => running.delete(work));
  }

  return {
    take({ topic: sentTo, payload, clientId }) {
      const [, only, topic = sentTo] = BASIC_INGEST.exec(sentTo) ?? [];
      for (const rule of rules) {
        if (only === undefined ? !matchesFilter(rule.filter, topic) : rule.name !== only) continue;
        try {
          const event = evaluate(rule.selected, { topic, payload, clientId, now: clock() });
          for (const arn of rule.targetArns) track(deliver(rule, arn, event));
        } catch (error) {
          if (!(error instanceof NotForRule)) throw error;
          onLog?.(`rule ${rule.name}: ${error.message}, on ${topic}`);
        }
      }
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
