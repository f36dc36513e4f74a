import type { Emit } from "../events/delivery-event.ts";
import type { InstallFailed } from "../install/install-failed.ts";
import type { Installer } from "../install/installer.ts";
import { type Link, LinkDown } from "../link/link.ts";
import type { InstalledFiles } from "../state/installed-files.ts";
import type { PartialFiles } from "../state/partial-files.ts";
import type { FailedVersion, FailedVersions } from "../trial/failed-versions.ts";
import type { Placing } from "../trial/put-in-place.ts";
import { type Conclusion, concludeDelivery, concludeUnchanged } from "./conclude.ts";
import { deliver, type Outcome } from "./deliver.ts";
import type { Candidate } from "./plan.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import { createUnwrittenChunks } from "./unwritten-chunks.ts";

export type DeliveryParts = {
  installer: Installer;
  partials: PartialFiles;
  installed: InstalledFiles;
  failed: FailedVersions;
  placing: Placing;
  policy: RetryPolicy;
  emit: Emit;
};

/** Links that may break on one announcement, without a byte gained, before it has to wait. */
const MAX_BROKEN_LINKS = 3;

/** Brings one announcement to its end. What it concludes is on disk when it returns. */
export function createAttendant(parts: DeliveryParts) {
  const { installer, installed, failed, placing, emit } = parts;
  const unwritten = createUnwrittenChunks();
  const brokenLinks = new Map<string, number>();
  const spoilt = new Set<string>();

  async function record({ announcement, path }: Candidate): Promise<void> {
    const { name, size, sha256, etag } = announcement;
    const file = { name, size, sha256, etag, installedAt: new Date().toISOString() };
    // For people only: a disk that is full of the very file must not make the agent fail.
    await installed.set(path, file).catch(() => undefined);
  }

  /** Some lines have no checksum, and may have spoilt what came: once, it is fetched anew. */
  function withSecondChance(id: string, outcome: Outcome): Outcome {
    if (outcome.state === "installed" || outcome.reason !== "wrong-hash" || spoilt.delete(id)) return outcome;
    spoilt.add(id);
    return { ...outcome, remedy: "rest" };
  }

  async function fetchIt(link: Link, candidate: Candidate, signal: AbortSignal): Promise<Conclusion> {
    const { id, announcement, path } = candidate;
    let progress = false;
    const watched = (event: Parameters<Emit>[0]) => {
      progress ||= event.event === "chunk";
      emit(event);
    };
    try {
      const outcome = await deliver({ ...parts, unwritten, link, signal, emit: watched }, announcement, path);
      brokenLinks.delete(id);
      return concludeDelivery(candidate, withSecondChance(id, outcome));
    } catch (error) {
      if (!(error instanceof LinkDown)) throw error;
      // A request that breaks the link each time must not be made for ever.
      const broken = progress ? 0 : (brokenLinks.get(id) ?? 0) + 1;
      brokenLinks.set(id, broken);
      if (broken < MAX_BROKEN_LINKS) throw error;
      brokenLinks.delete(id);
      const cost = { bytes: 0, requests: broken, seconds: 0 };
      const failure = { state: "failed", reason: "link", detail: error.message, remedy: "rest" } as const;
      return concludeDelivery(candidate, { ...failure, ...cost });
    }
  }

  return async (link: Link, candidate: Candidate, signal: AbortSignal): Promise<Conclusion> => {
    const { announcement, path } = candidate;
    const { sha256, etag } = announcement;
    // What is at the path may be a version that has not shown that it runs: it counts for nothing before that.
    const unsettled = await placing.settle(signal, path);
    const failure = failed.get(path);
    if (failure?.sha256 === sha256) return concludeDelivery(candidate, failedBefore(failure));
    if (unsettled !== undefined) return concludeDelivery(candidate, unsettledStill(unsettled));
    const there = await installer.digest(path).catch(() => undefined);
    const unchanged = there === sha256; // [NF-2.4]
    const conclusion = unchanged ? concludeUnchanged(candidate) : await fetchIt(link, candidate, signal);
    const installs = conclusion.receipt.state === "installed" || conclusion.receipt.state === "unchanged";
    const recorded = installed.all().get(path);
    if (installs && (recorded?.sha256 !== sha256 || recorded.etag !== etag)) await record(candidate);
    return conclusion;
  };
}

const NO_COST = { bytes: 0, requests: 0, seconds: 0 };

/** The same content would fail again: it is not paid for twice. */
function failedBefore({ reason, detail }: FailedVersion): Outcome {
  return { state: "failed", reason, detail, remedy: "fail", ...NO_COST };
}

/** Another version at the path can neither be tried nor be taken back: this one has to wait for the disk too. */
function unsettledStill({ reason, message: detail }: InstallFailed): Outcome {
  return { state: "failed", reason, detail, remedy: "rest", ...NO_COST };
}
