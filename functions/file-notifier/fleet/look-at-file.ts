import { KeyRefused } from "../../../protocol/key-refused.ts";
import { formatSeq, newerSeq, type Seq } from "../../../protocol/seq.ts";
import { parseTarget } from "../../../protocol/target.ts";
import type { TellOperator } from "../announce/tell-operator.ts";
import { reasonOf } from "../outcome/explain.ts";
import { RetryLater } from "../outcome/retry-later.ts";
import { Undeliverable } from "../outcome/undeliverable.ts";
import type { PackVersion } from "../pack/pack-version.ts";
import type { Attempt, FileStore, RecordStore, Report } from "../ports.ts";
import type { Look } from "./apply-looks.ts";
import { readVersion } from "./fleet-file.ts";
import type { KeyLooks, Seen } from "./ports.ts";
import type { Rendezvous, Seat } from "./rendezvous.ts";
import { checkRoom, placesOf } from "./room.ts";

/** A key of a fleet, a thing or a group of things, and why it is looked at. `sequencer`: of an event. `expired`: an old version went, no more. */
export type LookCause = {
  fleet: string;
  bucket: string;
  key: string;
  sequencer?: string | undefined;
  expired?: boolean | undefined;
  /** An operator has a version go to a part of the fleet. */
  share?: { versionId: string; percent: number } | undefined;
};

/**
 * Brings what a fleet's state says of a key to what the key holds. [NF-11.14]
 *
 * @throws {RetryLater | Undeliverable | KeyRefused}
 */
export type LookAtFile = (cause: LookCause, attempt: Attempt) => Promise<void>;

/** Looks at a key that is another each time. */
const MAX_LOOKS = 4;

/**
 * INVARIANT: a look is followed by a write of what it found and then by another look that finds the same, or it finds what the state says.
 * So whichever look is written last, however slow it was, the state ends as the key is.
 */
export function createLookAtFile(ports: {
  files: FileStore;
  heads: KeyLooks;
  rendezvous: Rendezvous;
  /** What was announced by Notes. */
  records: Pick<RecordStore, "read">;
  tellOperator: TellOperator;
  pack?: PackVersion | undefined;
  maxFileBytes: number;
  report: Report;
}): LookAtFile {
  const { heads, rendezvous, records, tellOperator, report } = ports;

  return async (cause, { signal, isLast }) => {
    let seen: Seen | undefined;
    try {
      for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
        const seat = rendezvous.join(cause.fleet);
        try {
          seen = await heads.look(cause, signal);
          const look = await find(cause, seen, seat, signal);
          if (look === undefined) continue;
          const { state, refused } = await seat.arrive(look);
          if (refused !== undefined) throw refused;
          const isWritten = state?.files[cause.key]?.version === seen?.versionId;
          if (isWritten && foundNothingNew(look)) return;
          const now = await heads.look(cause, signal);
          if (isWritten && now?.versionId === seen?.versionId) return;
        } finally {
          seat.leave();
        }
      }
      throw new RetryLater("contended", "the key changed at each look", { fate: "unsent" });
    } catch (error) {
      if (error instanceof KeyRefused) await tellOperator.refused(subjectOf(cause, seen), error);
      else if (isLast || error instanceof Undeliverable)
        await tellOperator.gaveUp(subjectOf(cause, seen), reasonOf(error, signal));
      throw error;
    }
  };

  /** Undefined if the version went while it was read. */
  async function find(
    cause: LookCause,
    seen: Seen | undefined,
    seat: Seat,
    signal: AbortSignal,
  ): Promise<Look | undefined> {
    const { fleet, key, sequencer, share } = cause;
    const look = { key, seq: sequencer === undefined ? undefined : formatSeq(sequencer), given: share };
    if (share !== undefined && share.versionId !== seen?.versionId) {
      report({
        message: "superseded",
        key,
        target: fleet,
        versionId: share.versionId,
        reason: "another version current",
      });
    }
    const state = await seat.known(signal);
    const known = state?.files[key];
    if (seen === undefined) {
      // First: what is gone from the state is not looked at again. An old version that expires takes nothing from anybody.
      if (known !== undefined || !cause.expired) await tellOperator.announced(subjectOf(cause, seen), signal);
      return { ...look, found: "nothing" };
    }
    if (known?.version === seen.versionId) {
      const seq = cause.expired ? undefined : look.seq; // an old version that expires changes nothing
      return { ...look, seq, found: { known: seen.versionId } };
    }
    // What found no room before, and finds none now, need not be read: it may be gigabytes, each day. A share of it is remembered all the same.
    const isKept = share === undefined && state?.waiting?.includes(key) === true;
    const refusal = isKept ? checkRoom(placesOf(Object.keys(state.files)), key) : undefined;
    if (refusal !== undefined) throw refusal;
    const read = await readVersion(ports, cause, seen, signal);
    return read && { ...look, found: read, seq: newerSeq(look.seq, await toldSeq(fleet, key)) };
  }

  /**
   * The place in the order of what the fleet's devices were told of a key by Notes. What the manifest says from now on comes after that: a late
   * event, or none at all, would leave it behind a Note of a version that is gone again. [NF-11.13]
   */
  async function toldSeq(fleet: string, key: string): Promise<Seq | undefined> {
    const { record } = await records.read(fleet, key);
    return record && formatSeq(record.sequencer);
  }
}

function foundNothingNew({ found }: Look): boolean {
  return typeof found === "object" && "known" in found;
}

function subjectOf({ fleet, bucket, key, sequencer }: LookCause, seen: Seen | undefined) {
  return {
    target: parseTarget(fleet) ?? ({ kind: "fleet", fleetUid: fleet } as const),
    version: { bucket, key, sequencer, versionId: seen?.versionId },
    announcement: undefined,
  };
}
