import type { Published } from "../broker/broker.ts";
import { evaluate, NotForRule } from "./evaluate.ts";
import { parseRuleSql } from "./sql.ts";
import { matchesFilter } from "./topic-filter.ts";

/** A rule of the template; each target is a queue. */
export type TopicRule = {
  name: string;
  arn: string;
  sql: string;
  targets: readonly { queueArn: string; useBase64: boolean }[];
};

const BASIC_INGEST = /^\$aws\/rules\/([a-zA-Z0-9_]+)\/(.+)$/s;

export type TopicRules = {
  /** Has the rules look at a message. */
  take(message: Published): void;
  /** Waits for what is being sent. */
  stop(): Promise<void>;
};

/**
 * Sends what was published to the queues of the rules that it fits, as JSON of what a rule selects, in no order. What a queue does not take is
 * lost, as at AWS without an error action.
 *
 * https://docs.aws.amazon.com/iot/latest/developerguide/sqs-rule-action.html
 *
 * @throws {RuleError} for a rule that asks for what is not done here.
 */
export function createTopicRules(options: {
  rules: readonly TopicRule[];
  send: (queueArn: string, body: string) => Promise<void>;
  onLog?: (line: string) => void;
  clock?: () => number;
}): TopicRules {
  const { send, onLog, clock = Date.now } = options;
  const rules = options.rules.map((rule) => ({ ...rule, ...parseRuleSql(rule.sql) }));
  const running = new Set<Promise<void>>();

  function track(rule: TopicRule, queueArn: string, body: string): void {
    const work = send(queueArn, body).catch((error: unknown) =>
      onLog?.(`rule ${rule.name}: ${queueArn} did not take a message, which is lost: ${error}`),
    );
    running.add(work);
    void work.then(() => running.delete(work));
  }

  return {
    take({ topic: sentTo, payload, clientId }) {
      const [, only, topic = sentTo] = BASIC_INGEST.exec(sentTo) ?? [];
      for (const rule of rules) {
        if (only === undefined ? !matchesFilter(rule.filter, topic) : rule.name !== only) continue;
        try {
          const json = JSON.stringify(evaluate(rule.selected, { topic, payload, clientId, now: clock() }));
          for (const { queueArn, useBase64 } of rule.targets)
            track(rule, queueArn, useBase64 ? Buffer.from(json).toString("base64") : json);
        } catch (error) {
          if (!(error instanceof NotForRule)) throw error;
          onLog?.(`rule ${rule.name}: ${error.message}, on ${topic}`);
        }
      }
    },
    async stop() {
      await Promise.all(running);
    },
  };
}
