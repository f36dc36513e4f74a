import { randomUUID } from "node:crypto";
import type { Announcement } from "../../../protocol/announcement.ts";
import { formatTarget, type Target } from "../../../protocol/target.ts";
import type { FileVersion } from "../message/file-version.ts";
import { compareSequencers } from "../message/sequencer.ts";
import { type Fate, RetryLater } from "../outcome/retry-later.ts";
import { Undeliverable } from "../outcome/undeliverable.ts";
import type { RecordStore, Report } from "../ports.ts";
import { type AnnouncementRecord, type Decision, decide } from "./decide.ts";

/** How a target is told, under a claim. */
export type Publisher = {
  /** How long an attempt may take before another may think it dead. */
  claimSeconds: number;
  /** True if what an earlier attempt sent has arrived and still waits. [NF-8.3] */
  isQueued(announcement: Announcement, signal: AbortSignal): Promise<boolean>;
  send(announcement: Announcement, signal: AbortSignal): Promise<void>;
  /** Tells the log. */
  published(announcement: Announcement, foundQueued: boolean): void;
};

/** What to announce; given what an earlier attempt found out, or undefined. Undefined: nothing is to be announced. */
export type Describe = (known: Announcement | undefined) => Promise<Announcement | undefined>;

export type AnnounceOnce = (
  target: Target,
  version: FileVersion,
  describe: Describe,
  publisher: Publisher,
  signal: AbortSignal,
) => Promise<void>;

/** An attempt ends this long before its claim, for clocks differ and the last request may still be on its way. */
const CLAIM_MARGIN_MS = 4_000;

/** Copies of one event and newer versions that may write between our read and our write, before we give way. */
const MAX_CONFLICTS = 8;

type Claim = { record: AnnouncementRecord; tag: string; checkQueue: boolean };

/**
 * Makes the flow that announces a version to a target unless that was done.
 *
 * INVARIANTS
 * - nothing is sent before a claim is written over the very record that the decision was made from
 * - whatever happens after that, the record says so (`announced`, `unsent`, `uncertain`) or the claim expires, and then
 *   the queue is looked at before anything is sent again
 */
export function createAnnounceOnce(parts: {
  records: RecordStore;
  report: Report;
  now: () => number;
}): AnnounceOnce {
  const { records, report, now } = parts;

  return async (target, version, describe, publisher, signal) => {
    const targetUid = formatTarget(target);
    const claim = await takeClaim(targetUid, version, describe, publisher.claimSeconds);
    if (claim !== undefined) await publish(claim, targetUid, publisher, signal);
  };

  async function takeClaim(
    targetUid: string,
    version: FileVersion,
    describe: Describe,
    seconds: number,
  ): Promise<Claim | undefined> {
    const { key, sequencer, versionId } = version;
    const claimId = randomUUID();
    let checkQueue = false;
    let described: Announcement | undefined;
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const { record, tag } = await records.read(targetUid, key);
      // The reply to our write was lost, and the SDK's own retry of it met what we had written.
      if (tag !== undefined && record?.claimId === claimId) return { record, tag, checkQueue };
      const decision = decide(record, version, now());
      if (decision.do !== "claim") return refrain(decision, targetUid, version);
      const same = record !== undefined && compareSequencers(record.sequencer, sequencer) === 0;
      described ??= await describe(same ? record.announcement : undefined);
      if (described === undefined) return undefined;
      checkQueue = decision.checkQueue;
      const claimExpires = now() + seconds * 1000;
      const claimed: AnnouncementRecord = {
        sequencer,
        versionId,
        announcement: described,
        state: "claimed",
        claimId,
        claimExpires,
      };
      const written = await records.write(targetUid, key, claimed, tag);
      if (written !== undefined) return { record: claimed, tag: written, checkQueue };
    }
    throw new RetryLater("contended", "other copies of the event kept writing", { fate: "unsent" });
  }

  function refrain(
    decision: Exclude<Decision, { do: "claim" }>,
    target: string,
    { key, versionId }: FileVersion,
  ): undefined {
    if (decision.do === "wait") {
      const sentence = "another copy of the event is being announced"; // goes back to the queue [NF-8.2]
      throw new RetryLater("claimed-elsewhere", sentence, { fate: "unsent", seconds: decision.seconds });
    }
    if (decision.because === "done") report({ message: "duplicate", key, target, versionId });
    else report({ message: "superseded", key, target, versionId, reason: "newer event known" });
  }

  async function publish(claim: Claim, targetUid: string, publisher: Publisher, signal: AbortSignal) {
    const { announcement, claimExpires } = claim.record;
    const left = Math.max(0, claimExpires - CLAIM_MARGIN_MS - now());
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(left)]);
    let foundQueued = false;
    let doubt: Fate = claim.checkQueue ? "uncertain" : "unsent";
    try {
      bounded.throwIfAborted();
      foundQueued = claim.checkQueue && (await publisher.isQueued(announcement, bounded));
      doubt = "unsent"; // the queue settled the earlier attempt's doubt: its one repeat is still owed
      if (!foundQueued) {
        await publisher.send(announcement, bounded).catch((error: unknown) => {
          doubt = fateOf(error);
          throw error;
        });
      }
    } catch (error) {
      await settle(claim, targetUid, doubt);
      throw error;
    }
    publisher.published(announcement, foundQueued);
    // Losing this to a newer version's claim is fine. If it throws, the claim expires and the queue is looked at.
    await records.write(targetUid, announcement.name, { ...claim.record, state: "announced" }, claim.tag);
  }

  /** Ends the claim, so that the next attempt need not wait for it to expire; if this fails, it does. */
  async function settle(claim: Claim, targetUid: string, state: Fate): Promise<void> {
    try {
      await records.write(targetUid, claim.record.announcement.name, { ...claim.record, state }, claim.tag);
    } catch {
      // The attempt's own error is the one worth telling.
    }
  }
}

function fateOf(error: unknown): Fate {
  if (error instanceof RetryLater) return error.fate;
  return error instanceof Undeliverable ? "unsent" : "uncertain";
}
