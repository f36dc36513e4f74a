import type { Installer } from "../install/installer.ts";
import { type Link, LinkDown } from "../link/link.ts";
import type { FailedVersion, FailedVersions } from "../state/failed-versions.ts";
import type { InstalledFiles } from "../state/installed-files.ts";
import type { PartialFiles } from "../state/partial-files.ts";
import { type Conclusion, concludeDelivery, concludeUnchanged } from "./conclude.ts";
import { deliver, type Outcome } from "./deliver.ts";
import type { Emit } from "./delivery-event.ts";
import type { Candidate } from "./plan.ts";
import type { PutInPlace } from "./put-in-place.ts";
import type { RetryPolicy } from "./retry-policy.ts";

export type DeliveryParts = {
  installer: Installer;
  partials: PartialFiles;
  installed: InstalledFiles;
  failed: FailedVersions;
  putInPlace: PutInPlace;
  policy: RetryPolicy;
  emit: Emit;
};

/** Links that may break on one announcement, without a byte gained, before it has to wait. */
const MAX_BROKEN_LINKS = 3;

/** Brings one announcement to its end. What it concludes is on disk when it returns. */
export function createAttendant(parts: DeliveryParts) {
  const { installer, installed, failed, emit } = parts;
  const brokenLinks = new Map<string, number>();

  async function record({ announcement, path }: Candidate): Promise<void> {
    const { name, size, sha256, etag } = announcement;
    const file = { name, size, sha256, etag, installedAt: new Date().toISOString() };
    // For people only: a disk that is full of the very file must not make the agent fail.
    await installed.set(path, file).catch(() => undefined);
  }

  async function fetchIt(link: Link, candidate: Candidate, signal: AbortSignal): Promise<Conclusion> {
    const { id, announcement, path } = candidate;
    let progress = false;
    const watched = (event: Parameters<Emit>[0]) => {
      progress ||= event.event === "chunk";
      emit(event);
    };
    try {
      const outcome = await deliver({ ...parts, link, signal, emit: watched }, announcement, path);
      brokenLinks.delete(id);
      return concludeDelivery(candidate, outcome);
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
    const failure = failed.get(path);
    if (failure?.sha256 === announcement.sha256) return concludeDelivery(candidate, failedBefore(failure));
    const unchanged = (await installer.digest(path)) === announcement.sha256; // [NF-2.4]
    const conclusion = unchanged ? concludeUnchanged(candidate) : await fetchIt(link, candidate, signal);
    const installs = conclusion.receipt.state === "installed" || conclusion.receipt.state === "unchanged";
    if (installs && installed.all().get(path)?.etag !== announcement.etag) await record(candidate);
    return conclusion;
  };
}

/** The same content would fail again: it is not paid for twice. */
function failedBefore({ reason, detail }: FailedVersion): Outcome {
  return { state: "failed", reason, detail, remedy: "fail", bytes: 0, requests: 0, seconds: 0 };
}
