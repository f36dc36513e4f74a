import { randomUUID } from "node:crypto";
import { type IotAccount, iotArn } from "../arns.ts";
import type { Execution } from "./execution.ts";
import type { ExecutionStore } from "./execution-store.ts";
import type { JobStore } from "./job-store.ts";
import { eventOperation, executionEvent, listNotification, nextNotification } from "./messages.ts";

/** A message that a change of jobs leads to. Those of one `stream` keep their order. */
export type JobMessage = { stream: string; topic: string; payload: unknown };

/** What one transaction did to the lists of things, remembered until it can be told. */
export type Changes = {
  /** To be called before anything about the thing is written. */
  touch(thing: string): void;
  /** To be called after each status that was written. */
  record(execution: Execution): void;
  messages(now: number): JobMessage[];
};

export function createChanges(options: {
  account: IotAccount;
  executions: ExecutionStore;
  jobs: JobStore;
  /** Whether ends are told as events. */
  events: boolean;
}): Changes {
  const { account, executions, jobs } = options;
  const before = new Map<string, Execution[]>();
  const ended: Execution[] = [];

  function ofThing(thing: string, was: readonly Execution[], now: number): JobMessage[] {
    const is = executions.pending(thing);
    const [wasFirst] = was;
    const [first] = is;
    const topic = (name: string) => `$aws/things/${thing}/jobs/${name}`;
    const messages: JobMessage[] = [];
    if (was.map(state).join() !== is.map(state).join()) {
      messages.push({ stream: thing, topic: topic("notify"), payload: listNotification(is, now) });
    }
    if (wasFirst?.order !== first?.order) {
      const document =
        first === undefined ? undefined : JSON.parse(jobs.get(first.jobId)?.document ?? "null");
      const payload = nextNotification(first, document, now);
      messages.push({ stream: thing, topic: topic("notify-next"), payload });
    }
    return messages;
  }

  return {
    touch(thing) {
      if (!before.has(thing)) before.set(thing, executions.pending(thing));
    },
    record(execution) {
      if (options.events && eventOperation(execution) !== undefined) ended.push(execution);
    },
    messages(now) {
      const events = ended.map((execution): JobMessage => {
        const thingArn = iotArn(account, "thing", execution.thing);
        return {
          stream: "$events",
          topic: `$aws/events/jobExecution/${execution.jobId}/${eventOperation(execution)}`,
          payload: executionEvent(execution, { eventId: randomUUID(), thingArn, now }),
        };
      });
      return [...[...before].flatMap(([thing, was]) => ofThing(thing, was, now)), ...events];
    },
  };
}

function state({ order, status }: Execution): string {
  return `${order} ${status}`;
}
