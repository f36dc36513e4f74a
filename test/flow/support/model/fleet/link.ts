import { FetchFailed } from "../../../../../agent/link/fetch-failed.ts";
import {
  type AnnouncedManifest,
  type Fetchable,
  type Link,
  LinkDown,
  type QueuedNote,
  type Report,
} from "../../../../../agent/link/link.ts";
import { parseVariable } from "../../../../../protocol/manifest-variable.ts";
import { packedKey } from "../../../../../protocol/packed.ts";
import type { Random } from "../../../../support/seeded-random.ts";
import type { ModelBucket } from "../bucket.ts";

/** What a device's Notecard has, and what it can reach by it. */
export type LinkEnds = {
  device: string;
  random: Random;
  faulty(): boolean;
  step(): Promise<void>;
  /** Steps for as long as that holds, which is asked after each. */
  stepWhile?(holds: () => boolean): Promise<void>;
  /** Steps that were taken, for a clock. */
  now(): number;
  waits(): void;
  /** Called for each request for bytes. */
  fetched?(what: Fetchable): void;
  /** Bytes that the next request brings at most. */
  piece(): number;
  queue: QueuedNote[];
  /** Variables as of its last session. */
  variables: ReadonlyMap<string, string>;
  reports: Report[];
  bucket: Pick<ModelBucket, "current" | "find">;
  /** What the packed bucket has. */
  packed(key: string): Uint8Array | undefined;
};

/** An agent that has nothing to do looks again after so many: each look costs time. */
const IDLE_TURNS = 40;

export function createFleetLink(ends: LinkEnds): Link {
  const { device, random, faulty, step, queue, variables, reports, bucket } = ends;
  const stepWhile =
    ends.stepWhile ??
    (async (holds) => {
      do await step();
      while (holds());
    });
  const breaks = () => faulty() && random.chance(0.03);

  async function turn(): Promise<void> {
    await step();
    if (breaks()) throw new LinkDown("the line broke");
  }

  function find(what: Fetchable): Uint8Array | undefined {
    if ("packed" in what) return ends.packed(packedKey(what.packed));
    if (what.version !== undefined) return bucket.find(what.key, what.version);
    const current = bucket.current(what.key);
    if (current !== undefined && current.etag !== what.etag)
      throw new FetchFailed("file-changed", "another version is current");
    return current?.bytes;
  }

  return {
    hearsAllManifests: true,
    device: async () => device,
    async list() {
      await turn();
      return [...queue];
    },
    async manifests() {
      await turn();
      return [...variables].flatMap(([variable, value]): AnnouncedManifest[] => {
        const notice = parseVariable(value);
        return notice === undefined ? [] : [{ variable, notice }];
      });
    },
    async wait() {
      ends.waits();
      const [queued, before] = [queue.length, new Map(variables)];
      const hears = () =>
        queue.length !== queued ||
        variables.size !== before.size ||
        [...before].some(([name, value]) => variables.get(name) !== value);
      let isBroken = false;
      let turns = 0;
      await stepWhile(() => {
        isBroken = breaks();
        turns += 1;
        return !isBroken && turns < IDLE_TURNS && !hears();
      });
      if (isBroken) throw new LinkDown("the line broke");
    },
    async fetch(what, offset) {
      await turn();
      if (faulty() && random.chance(0.1)) throw new FetchFailed("offline", "no signal");
      ends.fetched?.(what);
      const bytes = find(what);
      if (bytes === undefined) throw new FetchFailed("file-not-found", "there is none");
      if (bytes.length !== what.size || offset >= bytes.length)
        throw new FetchFailed("wrong-size", "it has another size");
      return Buffer.from(bytes.subarray(offset, offset + ends.piece()));
    },
    chunkBytes: () => 20,
    async discard(settled) {
      const deleted: string[] = [];
      for (let oldest = queue[0]; oldest !== undefined; oldest = queue[0]) {
        if (!settled.has(oldest.id)) break;
        await turn();
        queue.shift();
        deleted.push(oldest.id);
        await turn(); // the reply may be lost
      }
      return deleted;
    },
    async report(report) {
      await turn();
      if (faulty() && random.chance(0.1)) return false;
      reports.push(report);
      await turn(); // the reply may be lost
      return true;
    },
    now: async () => 1_700_000_000 + ends.now(),
    raise: async () => undefined,
    lower: async () => undefined,
    close: async () => undefined,
  };
}
