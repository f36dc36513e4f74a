import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { describeFile } from "../../functions/file-notifier/announce/describe-file.ts";
import type { Outcome } from "../../functions/file-notifier/pack/attempt.ts";
import type { Content } from "../../functions/file-notifier/pack/contents.ts";
import { createPackVersion } from "../../functions/file-notifier/pack/pack-version.ts";
import type { FileStore, PackedStore, PackingRecords, Report } from "../../functions/file-notifier/ports.ts";
import { formatPacked, type Packed, packedKey } from "../../protocol/packed.ts";
import type { AnnouncementNote } from "../../protocol/representation.ts";

const MIB = 1024 * 1024;

/** What agents unpack unless they are set otherwise. */
export const UNPACKING = { patchMaxBytes: 2 * MIB, zstdMaxBytes: 64 * MIB };

/** Longer than in a deployment: how fast this machine is must not decide what is made. */
const PACK_MS = 600_000;

/** The notifier's own code for one key, with buckets in memory. */
export type BenchNotifier = {
  /** Uploads a content: the Note that the key's device gets, and the one that it would get if nothing were packed. */
  upload(content: Buffer): Promise<{ note: AnnouncementNote; bare: AnnouncementNote }>;
  /** @throws {Error} if there is none */
  packed(packed: Packed): Buffer;
};

export function createBenchNotifier(key: string): BenchNotifier {
  const versions: Buffer[] = [];
  const packed = new Map<string, Uint8Array>();
  const files: FileStore = {
    currentVersionId: async () => String(versions.length),
    async open({ versionId }) {
      const content = versions[Number(versionId) - 1];
      if (content === undefined) return undefined;
      const etag = createHash("md5").update(content).digest("hex");
      return { size: content.length, etag, bytes: Readable.from([content]), discard: () => undefined };
    },
  };
  const report: Report = (event) => {
    if (event.message === "packing-failed") throw new Error(`${key}: ${event.reason}: ${event.detail}`);
  };
  const ports = { files, packed: packedIn(packed), packings: packingsInMemory(), report, now: Date.now };
  const pack = createPackVersion(ports, { ...UNPACKING, packMs: PACK_MS });
  const { signal } = new AbortController();
  return {
    async upload(content) {
      versions.push(content);
      const versionId = String(versions.length);
      const sequencer = (0x5f_0000_0000_0000_0000n + BigInt(versions.length)).toString(16).padStart(18, "0");
      const version = { bucket: "files", key, versionId, sequencer };
      const limits = { files, maxFileBytes: Number.POSITIVE_INFINITY };
      const note = await describeFile({ ...limits, pack }, version, signal);
      const bare = await describeFile(limits, version, signal);
      if (note === undefined || bare === undefined) throw new Error(`${key}: it is not announced`);
      return { note, bare };
    },
    packed(name) {
      const bytes = packed.get(packedKey(name));
      if (bytes === undefined) throw new Error(`${key}: there is no ${formatPacked(name)}`);
      return Buffer.from(bytes);
    },
  };
}

function packedIn(objects: Map<string, Uint8Array>): PackedStore {
  return {
    size: async (name) => objects.get(packedKey(name))?.length,
    async read(name) {
      return objects.get(packedKey(name)) ?? new Uint8Array();
    },
    async add(name, bytes) {
      objects.set(packedKey(name), bytes);
      return bytes.length;
    },
  };
}

function packingsInMemory(): PackingRecords {
  let contents: readonly Content[] = [];
  const outcomes = new Map<string, Outcome | undefined>();
  return {
    readContents: async () => ({ contents, tag: undefined }),
    async writeContents(_key, written) {
      contents = written;
      return true;
    },
    async begin(attempt) {
      const name = JSON.stringify(attempt);
      if (outcomes.has(name)) return { ours: false, outcome: outcomes.get(name) };
      outcomes.set(name, undefined);
      return { ours: true };
    },
    async end(attempt, outcome) {
      outcomes.set(JSON.stringify(attempt), outcome);
    },
  };
}
