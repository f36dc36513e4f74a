import { InstallFailed, onDisk } from "../install/install-failed.ts";
import { fleetThatBrought } from "../state/installed-files.ts";
import type { FailedVersion } from "../trial/failed-versions.ts";
import {
  type Conclusion,
  concludeDelivery,
  concludeLeft,
  concludeRemoved,
  concludeUnchanged,
} from "./conclude.ts";
import type { DeviceFiles } from "./delivery.ts";
import { failedForNow } from "./failed-for-now.ts";
import type { Candidate } from "./plan.ts";
import { type ToGo, whatIsToGo } from "./what-is-to-go.ts";

/** What is known before anything is fetched: how the delivery ends, or that this version failed before, if it did. */
export type FirstLook = { ends: Conclusion } | { ends?: undefined; failure: FailedVersion | undefined };

export type LookFirst = {
  /** What it concludes is on disk when it returns. */
  look(candidate: Candidate, signal: AbortSignal): Promise<FirstLook>;
  /** How a delivery ends whose file is as it is to be; undefined if it is not. */
  concludeIfThere(candidate: Candidate): Promise<Conclusion | undefined>;
};

/** Looks what is to be done for an announcement. */
export function createLookFirst({
  installer,
  installed,
  failed,
  placing,
  partials,
  latest,
}: DeviceFiles): LookFirst {
  /** On disk before anything is tried: a version that ends the agent each time must not be begun anew each time. [NF-2.7] */
  async function forgetFailure({ announcement, path }: Candidate): Promise<void> {
    const { name, sha256, again } = announcement;
    if (failed.get(path)?.sha256 === sha256) await failed.forgive(path);
    await partials.remove(path);
    if (again !== undefined) await latest.raise([{ name, seq: latest.get(name)?.seq, again, gone: false }]);
  }

  /** Whether a version without an order came after its key was gone, only the server can tell: its content is asked for. */
  function mayBeGone({ announcement: { name, seq, version } }: Candidate): boolean {
    return seq === undefined && version === undefined && latest.get(name)?.gone === true;
  }

  /** What somebody has put in the place of a file that is to go is not ours to remove, even if that happens while its unit waits. */
  async function isUnchanged(candidate: Candidate): Promise<boolean> {
    const { announcement, path, remove } = candidate;
    if (mayBeGone(candidate)) return false;
    if (remove) return ["gone", "another"].includes(await toGo(candidate));
    return (await installer.digest(path).catch(() => undefined)) === announcement.sha256; // [NF-2.4]
  }

  function toGo({ announcement, path }: Candidate): Promise<ToGo> {
    return whatIsToGo(announcement, path, { installer, installed });
  }

  async function concludeThere(candidate: Candidate): Promise<Conclusion> {
    // A whole download of another version would be put in place later without a word of the server.
    await partials.remove(candidate.path).catch(() => undefined);
    if (candidate.remove)
      return (await toGo(candidate)) === "gone" ? concludeRemoved(candidate) : concludeLeft(candidate);
    await createRecordInstalled({ installed })(candidate, false);
    return concludeUnchanged(candidate);
  }

  async function look(candidate: Candidate, signal: AbortSignal): Promise<FirstLook> {
    const { announcement, path } = candidate;
    // What is at the path may be a version on trial, which counts for nothing until it has shown that it runs.
    const unsettled = await placing.settle(signal, (each) => each === path);
    try {
      if (candidate.again) await onDisk(forgetFailure(candidate));
    } catch (error) {
      if (!(error instanceof InstallFailed)) throw error;
      return { ends: concludeDelivery(candidate, failedForNow(error)) };
    }
    const unchanged = await isUnchanged(candidate);
    const known = failed.get(path);
    const sameAsKnown = known?.sha256 === announcement.sha256 && known.removed === candidate.remove;
    const failure = sameAsKnown && !known.forgiven ? known : undefined;
    if (failure !== undefined) {
      // Taken back, and in its place all the same: somebody has put it there since, and answers for it.
      if (!unchanged || unsettled !== undefined || failure.reason !== "run") return { failure };
      await failed.delete(path).catch(() => undefined);
    }
    if (unsettled !== undefined) return { ends: concludeDelivery(candidate, failedForNow(unsettled)) };
    return unchanged ? { ends: await concludeThere(candidate) } : { failure: undefined };
  }

  return {
    look,
    concludeIfThere: async (candidate) =>
      (await isUnchanged(candidate)) ? concludeThere(candidate) : undefined,
  };
}

/** Records what is in its place, unless the record says so already. */
export function createRecordInstalled({ installed }: Pick<DeviceFiles, "installed">) {
  return async ({ announcement, path }: Candidate, isNew: boolean): Promise<void> => {
    const { name, size, sha256, etag = "", version } = announcement;
    const recorded = installed.all().get(path);
    const brought = isNew ? announcement.fleet : fleetThatBrought(announcement, recorded);
    const same = recorded?.sha256 === sha256 && recorded.etag === etag && recorded.version === version;
    if (same && recorded.fleet === brought) return;
    const installedAt = new Date().toISOString();
    const file = { name, size, sha256, etag, version, fleet: brought, installedAt };
    // The record is for people only: a disk that the file itself has filled must not end the agent.
    await installed.set(path, file).catch(() => undefined);
  };
}
