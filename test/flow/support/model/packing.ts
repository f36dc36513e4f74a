import {
  createPackVersion,
  type PackVersion,
} from "../../../../functions/file-notifier/pack/pack-version.ts";
import type { FileStore, PackedStore, PackingRecords } from "../../../../functions/file-notifier/ports.ts";
import { packedKey } from "../../../../protocol/packed.ts";
import type { Random } from "../../../support/seeded-random.ts";

/** The packed bucket: what is in it by key, and the real packing for a notifier. */
export type ModelPacking = {
  contents: ReadonlyMap<string, Buffer>;
  /** One that is gone, as by its age, or was never what its name says. */
  spoil(): void;
  packFor(files: FileStore): PackVersion;
};

export function createModelPacking(
  turn: () => Promise<void>,
  random: Random,
  { faulty, now }: { faulty(): boolean; now(): number },
): ModelPacking {
  const contents = new Map<string, Buffer>();
  const records = new Map<string, { value: unknown; tag: string }>();
  let writes = 0;

  async function step(): Promise<void> {
    await turn();
    if (faulty() && random.chance(0.05)) throw new Error("S3 does not answer");
  }

  const packed: PackedStore = {
    async size(name) {
      await step();
      return contents.get(packedKey(name))?.length;
    },
    async read(name) {
      await step();
      return contents.get(packedKey(name)) ?? Buffer.alloc(0);
    },
    async add(name, bytes) {
      await step();
      const key = packedKey(name);
      if (!contents.has(key)) contents.set(key, Buffer.from(bytes));
      await step(); // the reply may be lost
      return contents.get(key)?.length;
    },
  };

  function write(name: string, value: unknown, over: string | undefined): boolean {
    if (records.get(name)?.tag !== over) return false;
    writes += 1;
    records.set(name, { value, tag: `${writes}` });
    return true;
  }

  const packings: PackingRecords = {
    async readContents(key) {
      await step();
      const found = records.get(key);
      return { contents: (found?.value ?? []) as [], tag: found?.tag };
    },
    async writeContents(key, value, over) {
      await step();
      return write(key, value, over);
    },
    async begin(attempt) {
      await step();
      const name = JSON.stringify(attempt);
      if (write(name, undefined, undefined)) return { ours: true };
      return { ours: false, outcome: records.get(name)?.value as undefined };
    },
    async end(attempt, outcome) {
      await step();
      const name = JSON.stringify(attempt);
      write(name, outcome, records.get(name)?.tag);
    },
  };

  // Real time, of which no run needs as much; what a run has left is in memory until it is over.
  const limits = { patchMaxBytes: 1000, zstdMaxBytes: 1000, packMs: 60_000 };
  return {
    contents,
    spoil() {
      const key = random.pick([...contents.keys()]);
      const bytes = key === undefined ? undefined : contents.get(key);
      if (key === undefined || bytes === undefined) return;
      if (random.chance(0.5)) contents.delete(key);
      else contents.set(key, bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte)) as Buffer);
    },
    packFor: (files) => createPackVersion({ files, packed, packings, report: () => undefined, now }, limits),
  };
}
