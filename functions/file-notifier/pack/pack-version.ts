import type { Representations } from "../../../protocol/representation.ts";
import type { ReadContent } from "../announce/read-content.ts";
import type { StoredVersion } from "../message/file-version.ts";
import type { FileStore, PackedStore, PackingRecords, Report } from "../ports.ts";
import { NOTHING, type PackAttempt } from "./attempt.ts";
import { type Gathered, gather } from "./gather.ts";
import { createLane } from "./lane.ts";
import { remember } from "./remember.ts";
import { createSources } from "./sources.ts";

/** Has a version packed, and says what there is of it then. Never fails for a reason of its own: then there is nothing. */
export type PackVersion = {
  /** Bytes of a file that are to be kept while it is read. */
  keepBytes: number;
  pack(version: StoredVersion, content: ReadContent, signal: AbortSignal): Promise<Representations>;
};

export type PackLimits = {
  /** Bytes of a content, and of a base, that a patch is made for. */
  patchMaxBytes: number;
  /** Bytes of a content that is compressed. */
  zstdMaxBytes: number;
  /** How long one may wait for its turn, and then take. */
  packMs: number;
};

/** For recording what came of an attempt, when the time for the attempt may be up. */
const RECORD_MS = 5_000;

/**
 * Makes the flow that packs a version: one at a time, the attempt recorded before anything is made, and what there is after.
 *
 * INVARIANTS
 * - an attempt that was begun and did not end is never repeated: whatever killed it would kill the next, and the announcement with it
 * - what cannot be packed, or recorded, in time is announced without
 */
export function createPackVersion(
  ports: {
    files: FileStore;
    packed: PackedStore;
    packings: PackingRecords;
    report: Report;
    now: () => number;
  },
  limits: PackLimits,
): PackVersion {
  const { packed, packings, report, now } = ports;
  const sources = createSources(ports.files);
  const inTurn = createLane();
  return { keepBytes: limits.patchMaxBytes, pack };

  async function pack(version: StoredVersion, content: ReadContent, signal: AbortSignal) {
    const { key } = version;
    if (content.size === 0 || content.size > Math.max(limits.zstdMaxBytes, limits.patchMaxBytes))
      return NOTHING;
    const gathered: Gathered = { patches: [] };
    try {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(limits.packMs)]);
      await inTurn(() => packInTime(version, content, gathered, signal), patience);
    } catch (error) {
      signal.throwIfAborted(); // the message's time is up: it is delivered again
      report({ message: "packing-failed", key, ...explain(error) });
    }
    return gathered;
  }

  async function packInTime(
    version: StoredVersion,
    content: ReadContent,
    gathered: Gathered,
    outer: AbortSignal,
  ): Promise<void> {
    const timeout = AbortSignal.timeout(limits.packMs);
    try {
      await packOnce(version, content, gathered, AbortSignal.any([outer, timeout]), outer);
    } catch (error) {
      throw timeout.aborted ? timeout.reason : error; // what broke then is only how the time-out shows
    }
  }

  async function packOnce(
    version: StoredVersion,
    content: ReadContent,
    gathered: Gathered,
    signal: AbortSignal,
    outer: AbortSignal,
  ): Promise<void> {
    const started = now();
    const { key, versionId } = version;
    const { sha256, size } = content;
    const canBePatched = size <= limits.patchMaxBytes;
    const earlier = canBePatched ? await remember(packings, key, { sha256, size, versionId }, signal) : [];
    const bases = earlier.filter((base) => base.size <= limits.patchMaxBytes); // the limit may have been another
    const attempt: PackAttempt = { key, sha256, after: bases[0]?.sha256 };
    const begun = await packings.begin(attempt, signal);
    if (!begun.ours && begun.outcome !== undefined) return void Object.assign(gathered, begun.outcome);
    const material = { version, content, bases, zstdMaxBytes: limits.zstdMaxBytes };
    const failure = await gather({ packed, sources }, material, begun.ours, gathered, signal).catch(
      (error: unknown) => ({ error }),
    );
    outer.throwIfAborted(); // the attempt did not end
    if (begun.ours) await packings.end(attempt, gathered, AbortSignal.timeout(RECORD_MS));
    if (failure !== undefined) throw failure.error;
    const { zstd, patches, payload } = gathered;
    report({
      message: "packed",
      ...{ key, size, zstd, patches: patches.map(({ bytes }) => bytes), payload: payload?.patch.length },
      ...{ made: begun.ours, milliseconds: now() - started },
    });
  }
}

/** Never the error itself: an SDK's error may carry what must not be logged. */
function explain(error: unknown): { reason: string; detail: string } {
  if (!(error instanceof Error)) return { reason: "unknown", detail: String(error) };
  return { reason: error.name, detail: error.message };
}
