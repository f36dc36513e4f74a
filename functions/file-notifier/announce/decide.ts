import type { Announcement, Gone } from "../../../protocol/announcement.ts";
import type { KeyChange } from "../message/s3-event.ts";
import { compareSequencers } from "../message/sequencer.ts";

/**
 * What is known of one key's announcement to one target.
 *
 * - `claimed`: an attempt is under way, or died, until `claimExpires`
 * - `unsent`: an attempt ended, and surely announced nothing
 * - `uncertain`: an attempt ended, and may have been heard
 * - `announced`: the carrier accepted
 */
export type AnnouncementRecord = {
  sequencer: string;
  /** Undefined where the key held nothing. */
  versionId: string | undefined;
  /** Undefined where nobody could be told, as of a file that was refused. */
  announcement: Announcement | Gone | undefined;
  /** The patch that rides with the announcement. */
  payload?: Uint8Array | undefined;
  state: "claimed" | "unsent" | "uncertain" | "announced";
  /** Names the attempt that wrote this. */
  claimId: string;
  /** Milliseconds since the epoch. */
  claimExpires: number;
  /** A sequencer was met that S3 cannot have given: the devices are told of no order any more. */
  unordered?: true | undefined;
};

export type Decision =
  | { do: "drop"; because: "stale" | "done" | "overtaken" }
  | { do: "wait"; seconds: number }
  /** `repeated`: under the number of what was told before. */
  | { do: "claim"; checkPending: boolean; unordered?: true; repeated?: true };

/** Twice as long as any claim holds: one that would hold for longer was made by a clock that ran ahead, and is as that of a dead one. */
const LONGEST_CLAIM_MS = 240_000;

/**
 * Decides what a copy of an event does.
 *
 * INVARIANTS, given that a decision to claim is carried out by one conditional write on the record it was made from:
 * - no version is announced by two attempts whose claims are live at the same time
 * - an event is dropped only if what the key holds, or a newer version, is announced, or claimed by another copy that is
 *   retried until it is announced, or has an event of its own to come [NF-8.1]
 *
 * @param seen what the key holds now
 * @param now milliseconds since the epoch
 */
export function decide(
  record: AnnouncementRecord | undefined,
  change: KeyChange,
  seen: string | undefined,
  now: number,
): Decision {
  const byOrder = decideByOrder(record, change, now);
  if (isBelied(byOrder, record, change) && isWitness(change, seen) && record?.versionId !== seen) {
    // Whoever may write to the queue could else silence a key for ever by one high number. [NF-8.4]
    return { do: "claim", checkPending: false, unordered: true };
  }
  if (record !== undefined && isLateRemoval(byOrder, change) && seen !== undefined) {
    return repeat(decideByOrder(record, record, now));
  }
  if (byOrder.do !== "claim") return byOrder;
  if (change.kind === "added" && change.versionId !== seen) {
    // What the key holds came before this change, and came back; or comes after it, and has an event of its own.
    const cameBack = record !== undefined && record.versionId === seen;
    if (!cameBack) return { do: "drop", because: "overtaken" };
  }
  const isNewer = record !== undefined && compareSequencers(change.sequencer, record.sequencer) > 0;
  // What a person removed may have been on top for a while, with events that were handled before or are not yet.
  if (change.kind === "removed" && change.expired && isNewer && isAnnounced(record, seen)) {
    return { do: "drop", because: "done" }; // an old version went: that uncovered nothing [NF-8.6]
  }
  return byOrder;
}

/**
 * Whether a look at the key may show that the record's place in the order is a lie: the key holds the version of an older event,
 * or, after an older removal, another than was announced, or nothing. The latter may also be news whose event is on its way: it is
 * then told twice.
 */
export function isBelied(
  decision: Decision,
  record: AnnouncementRecord | undefined,
  change: KeyChange,
): boolean {
  const stale = decision.do === "drop" && decision.because === "stale";
  if (!stale || change.kind === "removed") return stale;
  return change.versionId !== undefined && record?.versionId !== change.versionId;
}

/** A version was removed by hand, before what was told last as the numbers say. */
function isLateRemoval(decision: Decision, change: KeyChange): boolean {
  const stale = decision.do === "drop" && decision.because === "stale";
  return stale && change.kind === "removed" && !change.expired;
}

/**
 * If the number that was told last is a lie, the removed version may have come after it, and a device that met that one has discarded
 * what is current again. It costs a Note to tell it once more, and the device nothing if it has it. [NF-8.4]
 */
function repeat(own: Decision): Decision {
  if (own.do === "wait") return own;
  return { do: "claim", checkPending: own.do === "drop" || own.checkPending, repeated: true };
}

function isWitness(change: KeyChange, seen: string | undefined): boolean {
  return change.kind === "removed" || change.versionId === seen;
}

/** As much as can be decided before the key is looked at: the same, or a claim. */
export function decideByOrder(
  record: AnnouncementRecord | undefined,
  { sequencer }: { sequencer: string },
  now: number,
): Decision {
  if (record === undefined) return { do: "claim", checkPending: false };
  const order = compareSequencers(sequencer, record.sequencer);
  if (order < 0) return { do: "drop", because: "stale" }; // [NF-8.4]
  if (order > 0) return { do: "claim", checkPending: false }; // a live claim on an older version does not stop this one
  if (record.state === "announced") return { do: "drop", because: "done" };
  if (record.state === "unsent") return { do: "claim", checkPending: false };
  if (record.state === "uncertain") return { do: "claim", checkPending: true }; // [NF-8.3]
  const left = record.claimExpires - now;
  return left > 0 && left <= LONGEST_CLAIM_MS
    ? { do: "wait", seconds: Math.ceil(left / 1000) } // [NF-8.2]
    : { do: "claim", checkPending: true }; // [NF-8.3]: whoever claimed may have died after announcing
}

/** In a bucket that keeps no versions, all have the same name. */
function isAnnounced({ state, versionId }: AnnouncementRecord, seen: string | undefined): boolean {
  return state === "announced" && versionId === seen && seen !== "null";
}
