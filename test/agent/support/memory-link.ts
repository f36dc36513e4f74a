import type { AskingNote } from "../../../agent/delivery/plan.ts";
import type { Link, QueuedNote, Report } from "../../../agent/link/link.ts";

/** A link to a queue and to files in memory. Its Notes may say what no Note of a Notecard can. */
export function memoryLink(files: ReadonlyMap<string, Buffer>) {
  const queue: AskingNote[] = [];
  const reports: Report[] = [];
  const link: Link = {
    hearsAllManifests: true,
    list: async () => [...queue] as QueuedNote[],
    manifests: async () => [],
    wait: async (maxMs, signal) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, Math.min(maxMs, 20));
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      clearTimeout(timer);
    },
    fetch: async (what, offset) => {
      const bytes = "key" in what ? files.get(what.key) : undefined;
      if (bytes === undefined) throw new TypeError("nothing packed is announced here");
      return bytes.subarray(offset);
    },
    chunkBytes: () => 6000,
    async discard(settled) {
      const gone: string[] = [];
      while (queue[0] !== undefined && settled.has(queue[0].id)) gone.push(queue.shift()?.id ?? "");
      return gone;
    },
    report: async (report) => reports.push(report) > 0,
    now: async () => 1_700_000_000,
    device: async () => "dev:1",
    raise: async () => undefined,
    lower: async () => undefined,
    close: async () => undefined,
  };
  return { link, queue, reports };
}
