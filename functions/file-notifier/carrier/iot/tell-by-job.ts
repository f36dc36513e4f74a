import {
  formatJobDocument,
  type JobAnnouncement,
  type LoneFile,
  membersLeftOut,
  whyUnreadable,
} from "../../../../protocol/job-document.ts";
import { jobId } from "../../../../protocol/job-id.ts";
import { KeyRefused } from "../../../../protocol/key-refused.ts";
import type { ManifestFile } from "../../../../protocol/manifest.ts";
import { parseSecretPair } from "../../../../protocol/secret-pair.ts";
import { formatSignedLink, signLink } from "../../../../protocol/signed-link.ts";
import { type BuiltManifest, noticeOfStored } from "../../fleet/build-manifest.ts";
import type { Teller } from "../../fleet/teller.ts";
import { RetryLater } from "../../outcome/retry-later.ts";
import { Undeliverable } from "../../outcome/undeliverable.ts";
import type { Report } from "../../ports.ts";
import { earlierJobs, type Job, type Jobs, TooManyJobs } from "./jobs.ts";

/** As long as any that signs: what is too long can be told before the secret is read. */
const ANY_SECRET = "any";

/** Tells AWS IoT's things and groups of things, by one job for each manifest. [NF-13.2] */
export function createTellByJob({
  jobs,
  readSecret,
  fileServer,
  report,
}: {
  jobs: Jobs;
  /** Text of the link secret; undefined if it has none. */
  readSecret: () => Promise<string | undefined>;
  /** Origin of the file-server. */
  fileServer: string;
  report: Report;
}): Teller {
  return {
    repeats: true,
    begin: async () => undefined, // AWS says itself when it is asked too often

    refusal(built) {
      if (built.lone === undefined || built.manifest.files.length > 1) return undefined;
      const why = whyUnreadable(announcementOf(built, ANY_SECRET), lone(built.lone, ANY_SECRET));
      return why === undefined ? undefined : new KeyRefused("link-too-long", why);
    },

    async tell({ claim, built, sending }, signal) {
      const { fleet } = claim;
      const { sha256, serial } = built.stored;
      const document = documentOf(built, await currentSecret());
      const description = `Noteferry: manifest ${serial} of ${fleet}`;
      const job = { id: jobId(fleet, sha256), targetUid: fleet, document, description };
      await replace(earlierJobs(claim, sha256), job, sending, signal);
    },

    /** A job that AWS IoT took stays; what came late of one that was given up is cancelled. */
    async isLacking(state, signal) {
      const { fleet, announced, manifests } = state;
      const told = manifests.find(({ serial }) => serial === announced?.serial);
      if (told === undefined) return false;
      for (const id of earlierJobs(state, told.sha256)) await cancel(fleet, id, signal);
      return false;
    },
  };

  /**
   * The new job first: a thing that asks in between finds one of the two. What is cancelled may be in progress. Only where the account has no
   * room for both the others go first, or nobody could be told anything once there are as many groups as jobs.
   */
  async function replace(
    earlier: readonly string[],
    job: Job,
    sending: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    const cancelAll = async () => {
      for (const id of earlier) await cancel(job.targetUid, id, signal);
    };
    sending();
    try {
      await jobs.create(job, signal);
    } catch (error) {
      if (!(error instanceof TooManyJobs) || earlier.length === 0) throw error;
      await cancelAll();
      sending();
      return await jobs.create(job, signal);
    }
    await cancelAll();
  }

  function documentOf(built: BuiltManifest, secret: string): string {
    const job = announcementOf(built, secret);
    if (built.lone === undefined) return formatJobDocument(job);
    const file = lone(built.lone, secret);
    const why = whyUnreadable(job, file);
    const left = membersLeftOut(job, file);
    const reason = why ?? `the key is too long for ${left.join(" and ")} beside what else there is`;
    if (left.length > 0 || why !== undefined)
      report({ message: "not-for-others", key: built.lone.key, target: job.for, reason });
    return formatJobDocument(job, why === undefined ? file : undefined);
  }

  function announcementOf({ manifest, stored }: BuiltManifest, secret: string): JobAnnouncement {
    const { fleet } = manifest;
    const sig = signLink({ for: fleet }, secret);
    return { for: fleet, sig, at: fileServer, notice: noticeOfStored(stored) };
  }

  /** Read each time, which is seldom: what an old half of the secret signs may be of no use. */
  async function currentSecret(): Promise<string> {
    const pair = parseSecretPair(await readSecret());
    if (pair !== undefined) return pair.current;
    const sentence = 'the link secret is not {"current": …, "previous": …}';
    throw new RetryLater("link-secret", sentence, { fate: "unsent" });
  }

  /** What AWS refuses for good to cancel must not have the new job created again and again. */
  async function cancel(target: string, id: string, signal: AbortSignal): Promise<void> {
    try {
      await jobs.cancel(id, signal);
    } catch (error) {
      if (!(error instanceof Undeliverable)) throw error;
      report({ message: "job-not-cancelled", target, job: id, detail: error.message });
    }
  }
}

function lone({ key, version, path, size }: ManifestFile, secret: string): LoneFile {
  return { link: formatSignedLink({ key, version }, secret), path, size };
}
