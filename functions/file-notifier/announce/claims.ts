import { randomUUID } from "node:crypto";
import type { Announcement, Gone } from "../../../protocol/announcement.ts";
import type { FileVersion } from "../message/file-version.ts";
import type { KeyChange } from "../message/s3-event.ts";
import { compareSequencers } from "../message/sequencer.ts";
import { RetryLater } from "../outcome/retry-later.ts";
import type { RecordStore, Report } from "../ports.ts";
import { type AnnouncementRecord, type Decision, decide, decideByOrder } from "./decide.ts";

/** Copies of one event and newer versions that may write between our read and our write, before we give way. */
const MAX_CONFLICTS = 8;

/** A change, and what a look at the key showed after it. */
export type Look = { change: KeyChange; seen: FileVersion };

/** Leave to claim a version for a target, while the record is still the one that was read. */
export type Opening = {
  targetUid: string;
  look: Look;
  /** The record's; undefined where there is none. */
  tag: string | undefined;
  /** True if an earlier attempt may have been heard. */
  checkPending: boolean;
  /** What an earlier attempt found out about this version. */
  known: Announcement | Gone | undefined;
};

/** The sole right to announce a version to a target until the record's `claimExpires`. */
export type Claim = { targetUid: string; record: AnnouncementRecord; tag: string; checkPending: boolean };

export type Claims = {
  /**
   * Reads the record and decides what this copy of an event does.
   *
   * @param lookAt asked only if the record leaves it open: most copies of events cost no look
   * @returns undefined if it does nothing, for its version or a newer one is announced already.
   * @throws {RetryLater} while another copy's claim lives.
   */
  open(
    targetUid: string,
    change: KeyChange,
    lookAt: () => Promise<FileVersion>,
  ): Promise<Opening | undefined>;
  /** Writes a claim over the record, and decides again whenever somebody else wrote first; otherwise as `open`. */
  take(opening: Opening, announcement: Announcement | Gone, seconds: number): Promise<Claim | undefined>;
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
  return { open, take, end };

  async function open(
    targetUid: string,
    change: KeyChange,
    lookAt: () => Promise<FileVersion>,
  ): Promise<Opening | undefined> {
    const found = await records.read(targetUid, change.key);
    const decision = decideByOrder(found.record, change, now());
    if (decision.do !== "claim") return refrain(decision, targetUid, change);
    return consider(targetUid, { change, seen: await lookAt() }, found);
  }

  function consider(
    targetUid: string,
    look: Look,
    { record, tag }: Awaited<ReturnType<RecordStore["read"]>>,
  ): Opening | undefined {
    const { change, seen } = look;
    const decision = decide(record, change, seen.versionId, now());
    if (decision.do !== "claim") return refrain(decision, targetUid, change, seen);
    const same = record?.versionId === seen.versionId && isSameEvent(record, seen);
    const known = same ? record?.announcement : undefined;
    return { targetUid, look, tag, checkPending: decision.checkPending, known };
  }

  async function take(
    opening: Opening,
    announcement: Announcement | Gone,
    seconds: number,
  ): Promise<Claim | undefined> {
    const { targetUid, look } = opening;
    const { key, sequencer, versionId } = look.seen;
    const claimId = randomUUID();
    let leave = opening;
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const { checkPending } = leave;
      const claimExpires = now() + seconds * 1000;
      const record = { sequencer, versionId, announcement, state: "claimed", claimId, claimExpires } as const;
      const tag = await records.write(targetUid, key, record, leave.tag);
      if (tag !== undefined) return { targetUid, record, tag, checkPending };
      const found = await records.read(targetUid, key);
      // The reply to our write was lost, and the SDK's own retry of it met what we had written.
      if (found.tag !== undefined && found.record?.claimId === claimId) {
        return { targetUid, record: found.record, tag: found.tag, checkPending };
      }
      const again = consider(targetUid, look, found);
      if (again === undefined) return undefined;
      leave = again;
    }
    throw new RetryLater("contended", "other copies of the event kept writing", { fate: "unsent" });
  }

  async function end({ targetUid, record, tag }: Claim, state: AnnouncementRecord["state"]): Promise<void> {
    await records.write(targetUid, record.announcement.name, { ...record, state }, tag);
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

function isSameEvent(record: AnnouncementRecord | undefined, { sequencer }: FileVersion): boolean {
  return record !== undefined && compareSequencers(record.sequencer, sequencer) === 0;
}
