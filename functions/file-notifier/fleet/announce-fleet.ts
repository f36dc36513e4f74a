import { randomUUID } from "node:crypto";
import { type FleetState, HOLD_MAX_MS, type StoredManifest } from "../../../protocol/fleet-state.ts";
import { KeyRefused } from "../../../protocol/key-refused.ts";
import type { AnnounceFleet } from "../message/fleet-message.ts";
import { reasonOf } from "../outcome/explain.ts";
import { type Fate, RetryLater } from "../outcome/retry-later.ts";
import { Undeliverable } from "../outcome/undeliverable.ts";
import type { Attempt, Report } from "../ports.ts";
import { type BuiltManifest, buildManifest } from "./build-manifest.ts";
import { announcedIn, CLAIM_MS, claimed, droppedManifests, failedIn } from "./claim.ts";
import { decideAnnouncement } from "./decide-announcement.ts";
import { NoSuchTarget } from "./no-such-target.ts";
import type { FleetQueue, FleetStates, ManifestStore } from "./ports.ts";
import type { TellOfManifest } from "./tell-of-manifest.ts";
import type { Teller, TellerOf } from "./teller.ts";

/**
 * Tells a fleet, or an AWS IoT thing or thing group, what its devices should have, once that has been quiet for a while, unless it was told. [NF-11.14]
 *
 * @throws {RetryLater | Undeliverable}
 */
export type AnnounceFleetNow = (ask: AnnounceFleet, attempt: Attempt) => Promise<void>;

/** An attempt ends this long before its claim: clocks differ, and the last request may still be on its way. */
const CLAIM_MARGIN_MS = 4_000;

/** Whoever is held asks again after so long at most, since a hold may end early. */
const HOLD_LOOK_SECONDS = 15;

/** Others that may write between our read and our write, before we give way. */
const MAX_CONFLICTS = 8;

/** For saying what became of an attempt, when its own time may be up. */
const END_MS = 5_000;

/** Who comes to settle a doubt finds it on record by then. */
const DOUBT_SECONDS = 2 * (END_MS / 1000);

/**
 * INVARIANTS
 * - a manifest is on record before it is stored, and stored before any device can hear of it
 * - whatever happens after a claim, the state says so, or the claim expires; then, and whenever nobody saw how a request ended, it is
 *   uncertain, and whoever tells next sees to what may have been told
 * - a revision is on record as announced only after it was accepted, or a later one
 */
export function createAnnounceFleet(ports: {
  states: FleetStates;
  manifests: ManifestStore;
  queue: FleetQueue;
  tellerOf: TellerOf;
  tellOfManifest: TellOfManifest;
  report: Report;
  prune: boolean;
  now: () => number;
}): AnnounceFleetNow {
  const { states, manifests, queue, tellerOf, tellOfManifest, report, prune, now } = ports;

  return async (ask, { signal, isLast }) => {
    const { fleet } = ask;
    const teller = tellerOf(fleet);
    if (teller === undefined) return report({ message: "ignored", reason: `${fleet} is not told here` });
    let built: BuiltManifest | undefined;
    try {
      let hasTurn = false;
      for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
        const { state, tag } = await states.read(fleet, signal);
        const decision = decideAnnouncement(state, ask, now());
        if (decision.do === "drop" || state === undefined) return;
        if (decision.do === "wait") throw claimedElsewhere(decision.seconds);
        await waitForHold(fleet, signal);
        if (!hasTurn) await teller.begin(fleet, signal);
        hasTurn = true;
        const { repeats } = teller;
        built = await buildManifest(manifests, state, { prune, repeats, now: now() }, signal);
        const refusal = teller.refusal(built);
        if (refusal !== undefined) throw refusal;
        const claim = claimed(state, randomUUID(), built.stored, now());
        if ((await states.write(claim, tag, signal)) === undefined) continue;
        await discard(droppedManifests(state, claim));
        return await announce(teller, claim, built, signal);
      }
      throw new RetryLater("contended", "the fleet's state kept changing", { fate: "unsent" });
    } catch (error) {
      if (error instanceof KeyRefused) return await refuse(fleet, built, error);
      if (isLast || error instanceof Undeliverable)
        await tellOfManifest.gaveUp(fleet, built, reasonOf(error, signal));
      throw error;
    }
  };

  /** The state stays unannounced: with another file, or a day later, it is looked at again. */
  async function refuse(fleet: string, built: BuiltManifest | undefined, { reason, message }: KeyRefused) {
    await tellOfManifest.gaveUp(fleet, built, message);
    for (const { key } of built?.lone ? [built.lone] : [])
      report({ message: "refused", key, reason, detail: message });
  }

  async function waitForHold(fleet: string, signal: AbortSignal): Promise<void> {
    const { until } = (await states.hold(fleet, signal)) ?? { until: 0 };
    const left = until - now();
    if (left <= 0 || left > HOLD_MAX_MS) return; // longer ones are not believed
    const seconds = Math.min(HOLD_LOOK_SECONDS, Math.ceil(left / 1000));
    throw new RetryLater("held", "files of the fleet are being uploaded", { fate: "unsent", seconds });
  }

  async function announce(
    teller: Teller,
    claim: FleetState,
    built: BuiltManifest,
    signal: AbortSignal,
  ): Promise<void> {
    const { fleet, announcing, isUncertain = false } = claim;
    const { claimId = "", expires = 0 } = announcing ?? {};
    const deadline = expires - CLAIM_MARGIN_MS;
    const left = Math.min(CLAIM_MS, Math.max(0, deadline - now()));
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(left)]);
    let sent = false;
    const sending = () => {
      if (now() >= deadline) throw outOfTime(); // a machine that stood still has late timers
      sent = true;
    };
    let isThere = true;
    try {
      await store(built, bounded);
      await teller.tell({ claim, built, sending }, bounded);
    } catch (error) {
      // Of no files there is nothing that anybody misses.
      isThere = !(error instanceof NoSuchTarget) || built.manifest.files.length > 0;
      if (isThere) {
        await end(fleet, (state) => failedIn(state, claimId, fateOf(error, sent, isUncertain)), bounded);
        throw error;
      }
    }
    try {
      await tellOfManifest.announced(fleet, built, bounded);
    } catch (error) {
      await end(fleet, (state) => failedIn(state, claimId, "uncertain"), bounded);
      throw error;
    }
    const { serial, size, step, zstd } = built.stored;
    const files = built.manifest.files.length;
    const isOurs = await end(fleet, (state) => announcedIn(state, { claimId, serial }, now()), signal);
    if (!isOurs) throw overtaken();
    if (!isThere) return report({ message: "ignored", reason: `deleted; there is no ${fleet} to be told` });
    report({
      message: "manifest-announced",
      fleet,
      serial,
      files,
      size,
      step: step?.bytes,
      zstd,
      checked: isUncertain,
    });
  }

  async function store({ bytes, zstd, step, stored }: BuiltManifest, signal: AbortSignal): Promise<void> {
    const { sha256 } = stored;
    await Promise.all([
      manifests.store({ sha256, manifest: true }, bytes, signal),
      zstd && manifests.store({ sha256 }, zstd, signal),
      step &&
        stored.step &&
        manifests.store({ sha256, base: stored.step.base, manifest: true }, step, signal),
    ]);
  }

  /**
   * Writes what became of a claim over whatever changed meanwhile.
   *
   * @returns false if another has taken over, and what was sent may have crossed with what that one sent: what counts is in doubt then,
   * and a message goes out of its own, since ours may be gone: the other may have been given it too, and have ended it.
   */
  async function end(
    fleet: string,
    change: (state: FleetState) => FleetState | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const own = AbortSignal.timeout(END_MS);
    const bounded = signal.aborted ? own : AbortSignal.any([signal, own]);
    let hasAsked = false;
    for (let conflicts = 0; conflicts < MAX_CONFLICTS * 4; conflicts += 1) {
      const { state, tag } = await states.read(fleet, bounded);
      if (state === undefined) return false;
      const ended = change(state);
      if (ended === state) return true;
      if (ended === undefined && !hasAsked) await askToSettle(state, bounded);
      hasAsked ||= ended === undefined;
      const next = ended ?? { ...state, isUncertain: true as const };
      if ((await states.write(next, tag, bounded)) === undefined) continue;
      await discard(droppedManifests(state, next));
      return ended !== undefined;
    }
    throw new RetryLater("contended", "the fleet's state kept changing", { fate: "uncertain" });
  }

  async function askToSettle({ fleet, revision }: FleetState, signal: AbortSignal): Promise<void> {
    await queue.send([{ kind: "announce-fleet", ask: { fleet, revision } }], DOUBT_SECONDS, signal);
  }

  /** Nobody needs them any more. What cannot be deleted now stays. */
  async function discard(dropped: readonly StoredManifest[]): Promise<void> {
    const signal = AbortSignal.timeout(END_MS);
    const removals = dropped.flatMap(({ sha256, step }) => [
      manifests.remove({ sha256, manifest: true }, signal),
      ...(step ? [manifests.remove({ sha256, base: step.base, manifest: true }, signal)] : []),
    ]);
    await Promise.allSettled(removals);
  }
}

function claimedElsewhere(seconds: number): RetryLater {
  return new RetryLater("claimed-elsewhere", "the fleet's manifest is being announced", {
    fate: "unsent",
    seconds,
  });
}

function outOfTime(): RetryLater {
  return new RetryLater("claim-over", "the claim is about to expire", { fate: "unsent" });
}

function overtaken(): RetryLater {
  return new RetryLater("overtaken", "another attempt took over meanwhile", {
    fate: "uncertain",
    seconds: 1,
  });
}

function fateOf(error: unknown, sent: boolean, isUncertain: boolean): Fate {
  if (isUncertain) return "uncertain"; // an earlier attempt's doubt, which nothing settled
  if (!sent) return "unsent";
  if (error instanceof RetryLater) return error.fate;
  return error instanceof Undeliverable ? "unsent" : "uncertain";
}
