import { randomUUID } from "node:crypto";
import type { FileVersion } from "../message/file-version.ts";
import type { KeyChange } from "../message/s3-event.ts";
import { compareSequencers } from "../message/sequencer.ts";
import { RetryLater } from "../outcome/retry-later.ts";
import type { RecordStore, Report } from "../ports.ts";
import { type AnnouncementRecord, type Decision, decide, decideByOrder, isBelied } from "./decide.ts";
import type { Notice } from "./notice.ts";

/** Copies of one event and newer versions that may write between our read and our write, before we give way. */
const MAX_CONFLICTS = 8;

/** What the record of a target and key holds, as far as a change of the key is concerned. */
export type Opening = {
  targetUid: string;
  change: KeyChange;
  record: AnnouncementRecord | undefined;
  /** The record's; undefined where there is none. */
  tag: string | undefined;
};

/** Leave to claim what the key holds, while the record is still the one that was read. */
export type Leave = Opening & {
  /** What the key holds. */
  seen: FileVersion;
  /** True if an earlier attempt may have been heard. */
  checkPending: boolean;
  /** What an earlier attempt found out about this version. */
  known: Notice | undefined;
  /** Present if the devices are to be told of no order. */
  unordered: true | undefined;
};

/** The sole right to announce a version to a target until the record's `claimExpires`. */
export type Claim = {
  targetUid: string;
  key: string;
  record: AnnouncementRecord;
  tag: string;
  checkPending: boolean;
};

export type Claims = {
  /**
   * Reads the record. Most copies of events end here, without a look at the key.
   *
   * @returns undefined if this copy does nothing, for its version or a newer one is announced already.
   * @throws {RetryLater} while another copy's claim lives.
   */
  open(targetUid: string, change: KeyChange): Promise<Opening | undefined>;
  /** Decides by what a look at the key showed; otherwise as `open`. */
  consider(opening: Opening, seen: FileVersion): Leave | undefined;
  /** Writes a claim over the record, and decides again whenever somebody else wrote first; otherwise as `open`. */
  take(leave: Leave, notice: Notice | undefined, seconds: number): Promise<Claim | undefined>;
  /** Ends a claim by writing what became of it, unless somebody else has written since. */
  end(claim: Claim, state: "announced" | "unsent" | "uncertain"): Promise<void>;
};

/** Claims on the right to announce, by conditional writes to one record for each target and key. */
export function createClaims({
  records,
  report,
  now,
}: {
  records: RecordStore;
  report: Report;
  now: () => number;
}): Claims {
  return { open, consider, take, end };

  async function open(targetUid: string, change: KeyChange): Promise<Opening | undefined> {
    const found = await records.read(targetUid, change.key);
    const decision = decideByOrder(found.record, change, now());
    if (decision.do === "claim" || isBelied(decision, found.record, change)) {
      return { targetUid, change, ...found };
    }
    return refrain(decision, targetUid, change);
  }

  function consider(opening: Opening, seen: FileVersion): Leave | undefined {
    const { targetUid, change, record } = opening;
    const decision = decide(record, change, seen.versionId, now());
    if (decision.do !== "claim") return refrain(decision, targetUid, change, seen);
    const same = record?.versionId === seen.versionId && isSameEvent(record, seen);
    const known = same ? noticeIn(record) : undefined;
    const unordered = decision.unordered ?? record?.unordered;
    return { ...opening, seen, checkPending: decision.checkPending, known, unordered };
  }

  async function take(first: Leave, notice: Notice | undefined, seconds: number): Promise<Claim | undefined> {
    const { targetUid, change, seen } = first;
    const { key, sequencer, versionId } = seen;
    const claimId = randomUUID();
    let leave = first;
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const { checkPending, unordered } = leave;
      const claimExpires = now() + seconds * 1000;
      const record: AnnouncementRecord = {
        ...{ sequencer, versionId, announcement: notice?.announcement, payload: notice?.payload },
        ...{ state: "claimed", claimId, claimExpires },
        ...(unordered ? { unordered } : {}),
      };
      const tag = await records.write(targetUid, key, record, leave.tag);
      if (tag !== undefined) return { targetUid, key, record, tag, checkPending };
      const found = await records.read(targetUid, key);
      // The reply to our write was lost, and the SDK's own retry of it met what we had written.
      if (found.tag !== undefined && found.record?.claimId === claimId) {
        return { targetUid, key, record: found.record, tag: found.tag, checkPending };
      }
      const again = consider({ targetUid, change, ...found }, seen);
      if (again === undefined) return undefined;
      leave = again;
    }
    throw new RetryLater("contended", "other copies of the event kept writing", { fate: "unsent" });
  }

  async function end(
    { targetUid, key, record, tag }: Claim,
    state: AnnouncementRecord["state"],
  ): Promise<void> {
    await records.write(targetUid, key, { ...record, state }, tag);
  }

  function refrain(
    decision: Exclude<Decision, { do: "claim" }>,
    target: string,
    change: KeyChange,
    seen?: FileVersion,
  ): undefined {
    const { key } = change;
    const versionId = change.kind === "added" ? change.versionId : seen?.versionId;
    if (decision.do === "wait") {
      const sentence = "another copy of the event is being announced"; // goes back to the queue [NF-8.2]
      throw new RetryLater("claimed-elsewhere", sentence, { fate: "unsent", seconds: decision.seconds });
    }
    if (decision.because === "done") return void report({ message: "duplicate", key, target, versionId });
    const overtaken = seen?.versionId === undefined ? "deleted" : "another version current";
    const reason = decision.because === "stale" ? "newer event known" : overtaken;
    report({ message: "superseded", key, target, versionId, reason });
  }
}

function noticeIn(record: AnnouncementRecord | undefined): Notice | undefined {
  const { announcement, payload } = record ?? {};
  return announcement && { announcement, payload };
}

function isSameEvent(record: AnnouncementRecord | undefined, { sequencer }: FileVersion): boolean {
  return record !== undefined && compareSequencers(record.sequencer, sequencer) === 0;
}
