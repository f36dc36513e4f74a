import { receiptTopic } from "../../../protocol/thing-topics.ts";
import { type Link, LinkDown } from "../link.ts";
import { bodyOf } from "../report-body.ts";
import { untilEither } from "../until-either.ts";
import type { FileSource } from "./file-source.ts";
import type { Jobs } from "./jobs.ts";
import type { MqttSession } from "./mqtt-session.ts";

export type IotLinkOptions = {
  thing: string;
  stage: string | undefined;
  rangeBytes: number;
  session: MqttSession;
  jobs: Jobs;
  files: FileSource;
  /** Seconds since the epoch by AWS's clock, as far as that was heard. */
  now: () => number | undefined;
  /** Ends the connections. */
  end: () => void;
};

/** The link of an AWS IoT thing: it hears by jobs, fetches over HTTPS, reports to a topic. [NF-13.1] */
export function createIotLink(options: IotLinkOptions): Link {
  const { thing, stage, rangeBytes, session, jobs, files, now, end } = options;
  const topic = receiptTopic(thing, stage);
  const closing = new AbortController();

  function check(): void {
    const ended = session.ended();
    if (ended !== undefined) throw ended;
  }

  /** What the agent fetches goes on where the broker is gone: nothing of it is to be fetched twice. */
  async function fetching<Result>(task: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    check();
    try {
      return await task(closing.signal);
    } catch (error) {
      closing.signal.throwIfAborted();
      throw error;
    }
  }

  return {
    hearsAllManifests: false, // jobs come one at a time, and end
    async device() {
      check();
      return `thing:${thing}`;
    },
    async list() {
      check();
      return [];
    },
    async manifests() {
      check();
      await jobs.tend();
      jobs.takeNews();
      return jobs.announced();
    },
    async wait(maxMs, signal) {
      check();
      await jobs.tend();
      if (jobs.takeNews() || signal.aborted) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, Math.min(maxMs, jobs.dueMs()));
      let wake: NodeJS.Timeout | undefined;
      jobs.onNews((inMs) => {
        wake ??= setTimeout(resolve, inMs);
      });
      const forget = session.onEnd(reject);
      const stop = () => resolve();
      signal.addEventListener("abort", stop);
      try {
        await promise;
      } finally {
        clearTimeout(timer);
        clearTimeout(wake);
        forget();
        jobs.onNews(undefined);
        signal.removeEventListener("abort", stop);
      }
    },
    fetch: (file, offset) => fetching((signal) => files.fetch(file, offset, signal)),
    chunkBytes: () => rangeBytes,
    async discard() {
      check();
      return [];
    },
    async report(report) {
      check();
      await session.publish(topic, JSON.stringify(bodyOf(report))).catch((cause) => {
        const asked = `does the policy allow iot:Publish to ${topic}?`;
        throw new LinkDown(`the connection ended as a receipt was sent: ${asked}`, { cause });
      });
      return true;
    },
    async now() {
      check();
      return now();
    },
    async raise(signal, waiting) {
      signal.throwIfAborted();
      await fetching((closed) => untilEither(signal, closed, (either) => files.connect(either, waiting)));
    },
    async lower() {
      check();
    },
    async close() {
      closing.abort(new LinkDown("the link was closed"));
      end();
    },
  };
}
