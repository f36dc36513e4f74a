import type { FleetState } from "../../../../protocol/fleet-state.ts";
import { jobId } from "../../../../protocol/job-id.ts";
import { Undeliverable } from "../../outcome/undeliverable.ts";

/** A job as it is created. */
export type Job = { id: string; targetUid: string; document: string; description: string };

/** The account has as many jobs as AWS IoT allows. */
export class TooManyJobs extends Undeliverable {}

/** AWS IoT's jobs. Every call may throw RetryLater or Undeliverable. */
export type Jobs = {
  /** One that is there already is the same job. [NF-13.2] @throws {TooManyJobs} besides */
  create(job: Job, signal: AbortSignal): Promise<void>;
  /** Also what is in progress. One that has ended, or is not there, is none. */
  cancel(id: string, signal: AbortSignal): Promise<void>;
};

/**
 * Ids of the jobs that may tell a target of another manifest: of the one that was announced, and of those of which nobody knows whether they
 * were told. What came before those was cancelled before the next was on record as announced.
 *
 * @param sha256 of the manifest that counts
 */
export function earlierJobs(
  { fleet, manifests, announced, announcing }: FleetState,
  sha256: string,
): string[] {
  const dead = announcing?.manifest === undefined ? [] : [{ ...announcing.manifest, isDoubtful: true }];
  const earlier = [...manifests, ...dead].filter(
    (stored) => stored.isDoubtful === true || stored.serial === announced?.serial,
  );
  const others = earlier.filter((stored) => stored.sha256 !== sha256);
  return [...new Set(others.map((stored) => jobId(fleet, stored.sha256)))];
}
