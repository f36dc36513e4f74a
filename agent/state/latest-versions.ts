import * as v from "valibot";
import { compareSeqs, isSeq, type Seq } from "../../protocol/seq.ts";
import { openJournaledRecord, readJournaledRecord } from "./journaled-record.ts";
import { mapOf } from "./json-record.ts";

const LatestVersion = v.object({
  seq: v.optional(v.pipe(v.string(), v.check(isSeq))),
  again: v.optional(v.number()),
  /** The bucket has nothing at this key any more. */
  gone: v.optional(v.literal(true)),
  /** Some version had no `seq`: whether one with a higher `seq` is newer, only the server can tell. */
  unordered: v.optional(v.literal(true)),
});

/** The newest version of a name that was settled, and the last request to do one again. [NF-2.5] [NF-2.7] */
export type LatestVersion = v.InferOutput<typeof LatestVersion>;

/** What became of a version of a name: `seq` is undefined for one that was announced without. `served`: the bucket had it then. */
export type SettledVersion = {
  name: string;
  seq: Seq | undefined;
  again: number | undefined;
  gone: boolean;
  served?: true;
};

const FORM = {
  record: v.pipe(
    v.object({ version: v.literal(1), names: mapOf(LatestVersion) }),
    v.transform(({ names }) => names),
  ),
  value: LatestVersion,
  format: (names: object) => ({ version: 1, names }),
};

/**
 * The agent's memory of how far each name has come, so that an announcement which arrives late is known for what it is.
 *
 * INVARIANT: a name's `seq` and `again` only grow.
 */
export type LatestVersions = {
  get(name: string): LatestVersion | undefined;
  all(): ReadonlyMap<string, LatestVersion>;
  /** On disk when it returns; nothing is written if none of these is new. */
  raise(settled: readonly SettledVersion[]): Promise<void>;
  /**
   * Has all of it in the one file that the version before of the agent reads. Where one that was killed leaves the last names in the journal, that
   * version knows less of them: a Note that comes late is tried again, and by its etag the server says that it is not current.
   */
  fold(): Promise<void>;
};

export async function openLatestVersions(file: string): Promise<LatestVersions> {
  const record = await openJournaledRecord(file, FORM);
  const names = record.values;
  return {
    get: (name) => names.get(name),
    all: () => names,
    async raise(settled) {
      const changes = new Map<string, LatestVersion>();
      for (const version of settled) {
        const before = changes.get(version.name) ?? names.get(version.name);
        const after = later(before, version);
        if (after !== before) changes.set(version.name, after);
      }
      if (changes.size === 0) return;
      await record.write(names, changes);
      // In memory only once it is on disk: what a full disk does not take is tried again.
      for (const [name, version] of changes) names.set(name, version);
    },
    fold: () => record.fold(names),
  };
}

/** The same object where nothing changes. */
function later(
  before: LatestVersion | undefined,
  { seq, again, gone, served }: SettledVersion,
): LatestVersion {
  const latest = before ?? {};
  const newer = seq !== undefined && (latest.seq === undefined || compareSeqs(seq, latest.seq) > 0);
  const asked = again !== undefined && again > (latest.again ?? 0);
  const unordered = seq === undefined || latest.unordered === true;
  const cameBack = seq === undefined && served === true && latest.gone === true;
  if (!newer && !asked && !cameBack && unordered === (latest.unordered === true)) return latest;
  return {
    seq: newer ? seq : latest.seq,
    again: asked ? again : latest.again,
    gone: (newer ? gone : latest.gone && !cameBack) ? true : undefined,
    unordered: unordered ? true : undefined,
  };
}

/** For whoever only looks. */
export async function readLatestVersions(file: string): Promise<ReadonlyMap<string, LatestVersion>> {
  const found = await readJournaledRecord(file, FORM);
  return typeof found === "string" ? new Map() : found.values;
}
