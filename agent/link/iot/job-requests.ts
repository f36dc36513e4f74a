import { LinkDown } from "../link.ts";
import { type Job, type JobAnswer, type Next, parseAnswer, parseNext } from "./job-message.ts";
import type { MqttSession } from "./mqtt-session.ts";

/** Milliseconds that an answer may take: AWS acknowledges a request whose answer it then loses. */
const ANSWER_MS = 10_000;
/** Requests in a row whose answers may be lost. */
const MAX_LOST = 3;

/** What AWS says where it does not take a request. */
export type Refusal = { code: string; message: string };

/** How an update ended. `moved`: the job has become another meanwhile, or is none any more. `later`: AWS is busy. */
export type Updated = { is: "done" } | { is: "moved" | "later" | "refused"; why: Refusal };

const MOVED: ReadonlySet<string> = new Set([
  "VersionMismatch",
  "InvalidStateTransition",
  "TerminalStateReached",
  "ResourceNotFound",
]);
const LATER: ReadonlySet<string> = new Set(["RequestThrottled", "InternalError"]);

/** Jobs of AWS IoT for one thing, over MQTT. */
export type JobRequests = {
  /** Takes in a message. @returns what it tells unasked, and when it was sent */
  hear(topic: string, payload: Buffer): { next?: Next | undefined; timestamp?: number | undefined };
  /** To be called once for each session. @throws {LinkDown} */
  subscribe(): Promise<void>;
  /** Asks for the next job; undefined where AWS asks to come later. @throws {LinkDown} */
  next(): Promise<Next | undefined>;
  /** @throws {LinkDown} */
  update(job: Job, status: string, details?: Record<string, string>): Promise<Updated>;
};

export function createJobRequests(session: () => MqttSession, thing: string): JobRequests {
  const prefix = `$aws/things/${thing}/jobs/`;
  const waiting = new Map<string, (answer: JobAnswer) => void>();
  let count = 0;

  /** Answers come to who asked, without a subscription. */
  async function ask(name: string, request: object): Promise<JobAnswer> {
    for (let lost = 0; lost < MAX_LOST; lost += 1) {
      count += 1;
      const token = `${count}`;
      const answered = Promise.withResolvers<JobAnswer | undefined>();
      waiting.set(token, answered.resolve);
      const tooLong = setTimeout(() => answered.resolve(undefined), ANSWER_MS);
      const ended = Promise.withResolvers<never>();
      ended.promise.catch(() => undefined);
      const forget = session().onEnd(ended.reject);
      try {
        await session().publish(`${prefix}${name}`, JSON.stringify({ ...request, clientToken: token }));
        const answer = await Promise.race([answered.promise, ended.promise]);
        if (answer !== undefined) return answer;
      } finally {
        clearTimeout(tooLong);
        forget();
        waiting.delete(token);
      }
    }
    throw new LinkDown("AWS IoT answers nothing about jobs");
  }

  return {
    hear(topic, payload) {
      if (topic === `${prefix}notify-next`) {
        const next = parseNext(payload);
        return { next, timestamp: next?.timestamp };
      }
      const isRefused = topic.endsWith("/rejected");
      if (!topic.startsWith(prefix) || !(isRefused || topic.endsWith("/accepted"))) return {};
      const answer = parseAnswer(payload, isRefused);
      if (answer !== undefined) waiting.get(answer.token)?.(answer);
      return { timestamp: answer?.timestamp };
    },
    subscribe: () => session().subscribe(`${prefix}notify-next`),
    async next() {
      const { refused, job, timestamp } = await ask("$next/get", {});
      return refused === undefined ? { job, timestamp } : undefined;
    },
    async update({ id, version: expectedVersion }, status, statusDetails) {
      const { refused } = await ask(`${id}/update`, { status, expectedVersion, statusDetails });
      if (refused === undefined) return { is: "done" };
      const { code } = refused;
      return { is: MOVED.has(code) ? "moved" : LATER.has(code) ? "later" : "refused", why: refused };
    },
  };
}
