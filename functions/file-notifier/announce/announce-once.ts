import { KeyRefused } from "../../../protocol/key-refused.ts";
import type { AnnouncementNote } from "../../../protocol/representation.ts";
import { formatTarget, type NotehubTarget } from "../../../protocol/target.ts";
import type { FileVersion } from "../message/file-version.ts";
import type { KeyChange } from "../message/s3-event.ts";
import { reasonOf } from "../outcome/explain.ts";
import type { NotifierEvent } from "../outcome/notifier-event.ts";
import { type Fate, RetryLater } from "../outcome/retry-later.ts";
import { Undeliverable } from "../outcome/undeliverable.ts";
import type { PackVersion } from "../pack/pack-version.ts";
import type { Attempt, Carrier, Deliveries, FileStore, Queue, RecordStore, Report } from "../ports.ts";
import { type Claim, createClaims, type Leave, type Opening } from "./claims.ts";
import { describeWanted } from "./describe-wanted.ts";
import type { Notice } from "./notice.ts";
import { createPublisher, type Publisher } from "./publisher.ts";
import { createTellOperator, type Subject } from "./tell-operator.ts";

/**
 * Announces what a key holds since a change of it.
 *
 * @param described the announcement of the version that the change added; undefined if the file is to be read for it
 * @throws {RetryLater | Undeliverable | KeyRefused}
 */
export type AnnounceOnce = (
  target: NotehubTarget,
  change: KeyChange,
  described: AnnouncementNote | undefined,
  attempt: Attempt,
) => Promise<void>;

/** An attempt ends this long before its claim, for clocks differ and the last request may still be on its way. */
const CLAIM_MARGIN_MS = 4_000;

/** Looks at a key whose version is gone each time before it can be read. */
const MAX_LOOKS = 4;

/** For a claim under which nothing is sent. */
const RECORD_SECONDS = 5;

/**
 * Makes the flow that announces a version to a target unless that was done: decide, claim, publish, record.
 *
 * INVARIANTS
 * - nothing is sent before a claim is written over the very record that the decision was made from
 * - whatever happens after that, the record says so (`announced`, `unsent`, `uncertain`) or the claim expires, and then
 *   the carrier is asked what is pending before anything is sent again
 */
export function createAnnounceOnce(ports: {
  files: FileStore;
  records: RecordStore;
  carrier: Carrier;
  queue: Queue;
  deliveries: Deliveries;
  report: Report;
  maxFileBytes: number;
  /** Undefined: nothing is packed. */
  pack?: PackVersion | undefined;
  now: () => number;
}): AnnounceOnce {
  const { files, report, now } = ports;
  const claims = createClaims(ports);
  const tellOperator = createTellOperator(ports);

  return async function announceOnce(target, change, described, { signal, isLast }) {
    const versionId = change.kind === "added" ? change.versionId : undefined;
    const subject: Subject = {
      target,
      version: { ...change, versionId },
      announcement: described?.announcement,
    };
    try {
      await announce(target, subject, change, described, signal);
    } catch (error) {
      const isEnd = error instanceof Undeliverable || (isLast && !(error instanceof KeyRefused));
      if (isEnd) await tellOperator.gaveUp(subject, reasonOf(error, signal));
      throw error;
    }
  };

  /** @param subject is kept up to date, for whoever tells of it */
  async function announce(
    target: NotehubTarget,
    subject: Subject,
    change: KeyChange,
    described: AnnouncementNote | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const opening = await claims.open(formatTarget(target), change);
    if (opening === undefined) return;
    const found = await find(opening, subject, described, signal);
    if (found === undefined) return;
    const { leave, notice } = found;
    const publisher = createPublisher(target, leave.seen, ports);
    const claim = await claims.take(leave, notice, publisher.claimSeconds);
    if (claim === undefined) return;
    report(await publish(claim, notice, publisher, signal));
    // Before the claim ends: if this fails, the next attempt finds the Note pending, and puts it on record.
    await tellOperator.announced(subject, signal);
    // Losing this to a newer version's claim is fine. If it throws, the claim expires, and what is pending is asked for.
    await claims.end(claim, "announced");
  }

  /** Whatever the event says, what the key holds now is what counts. [NF-8.6] */
  async function lookAt({ bucket, key, sequencer }: KeyChange, signal: AbortSignal): Promise<FileVersion> {
    return { bucket, key, sequencer, versionId: await files.currentVersionId({ bucket, key }, signal) };
  }

  /** What to announce; the key is looked at again while a version is gone before it is read. */
  async function find(
    opening: Opening,
    subject: Subject,
    described: AnnouncementNote | undefined,
    signal: AbortSignal,
  ) {
    for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
      const leave = claims.consider(opening, await lookAt(opening.change, signal));
      if (leave === undefined) return undefined;
      Object.assign(subject, { version: leave.seen, announcement: undefined });
      const notice = await describeWanted(ports, leave, described, signal).catch(async (error: unknown) => {
        if (error instanceof KeyRefused) await refuse(leave, subject, error);
        throw error;
      });
      if (notice === undefined) continue;
      subject.announcement = notice.announcement;
      return { leave, notice };
    }
    throw new RetryLater("contended", "the key changed at each look", { fate: "unsent" });
  }

  /** A refused version is no secret to the devices: what was announced before it is not current, and they may discard that. [NF-8.6] */
  async function refuse(leave: Leave, subject: Subject, refusal: KeyRefused): Promise<void> {
    await tellOperator.refused(subject, refusal); // first: a version that is on record is not looked at again
    const claim = await claims.take(leave, undefined, RECORD_SECONDS);
    if (claim !== undefined) await claims.end(claim, "announced");
  }

  async function publish(
    claim: Claim,
    notice: Notice,
    publisher: Publisher,
    signal: AbortSignal,
  ): Promise<NotifierEvent> {
    const { claimExpires } = claim.record;
    const left = Math.max(0, claimExpires - CLAIM_MARGIN_MS - now());
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(left)]);
    let sending = false;
    try {
      bounded.throwIfAborted();
      const pending = claim.checkPending ? await publisher.findPending(notice, bounded) : undefined;
      if (pending !== undefined) return pending;
      sending = true;
      return await publisher.publish(notice, bounded);
    } catch (error) {
      const doubt: Fate = claim.checkPending ? "uncertain" : "unsent"; // an earlier attempt's, which nothing settled
      await release(claim, sending ? fateOf(error) : doubt);
      throw error;
    }
  }

  /** Ends the claim, so that the next attempt need not wait for it to expire; if this fails, it does. */
  async function release(claim: Claim, fate: Fate): Promise<void> {
    try {
      await claims.end(claim, fate);
    } catch {
      // The attempt's own error is the one worth telling.
    }
  }
}

function fateOf(error: unknown): Fate {
  if (error instanceof RetryLater) return error.fate;
  return error instanceof Undeliverable ? "unsent" : "uncertain";
}
