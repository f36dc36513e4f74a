import { variableName } from "../../../protocol/manifest-variable.ts";
import type { AnnouncedManifest } from "../link.ts";
import type { Job } from "./job-message.ts";
import type { ManifestWord } from "./judge-job.ts";
import type { Passes } from "./passes.ts";

/** Manifests that are told of at a time: a thing is in at most ten groups. Those of groups it was in before make room. */
const MAX_ANNOUNCED = 16;

/** Manifests by the names of the variables that would announce them; it outlives single links. */
export type AnnouncedManifests = Map<string, AnnouncedManifest & { target: string }>;

/** The manifests that jobs tell of. */
export type AnnouncedByJobs = {
  /** Takes in a job's manifest, unless a newer one of its target is known, and keeps the pass. */
  add(job: Job): Promise<void>;
  /** A job that was cancelled before its manifest was here asks for nothing any more. */
  forget(job: Job): void;
  all(): AnnouncedManifest[];
};

export function createAnnouncedByJobs(
  announced: AnnouncedManifests,
  {
    uid,
    stage,
    passes,
    wordOf,
  }: {
    uid: string;
    stage: string | undefined;
    passes: Passes;
    wordOf: (target: string) => ManifestWord;
  },
): AnnouncedByJobs {
  return {
    async add(job) {
      if (job.announced === undefined) return;
      const { for: target, sig, at, notice } = job.announced;
      const variable = variableName(target, stage);
      const before = announced.get(variable);
      await passes.keep(target, { sig, at });
      if (before !== undefined && before.notice.serial > notice.serial) return;
      announced.delete(variable); // to come last
      announced.set(variable, { variable, notice, target });
      if (announced.size <= MAX_ANNOUNCED) return;
      const oldest = [...announced.values()].find((each) => each.target !== uid);
      if (oldest !== undefined) announced.delete(oldest.variable);
    },
    forget(job) {
      if (job.announced === undefined) return;
      const { for: target, notice } = job.announced;
      const variable = variableName(target, stage);
      const isIts = announced.get(variable)?.notice.sha256 === notice.sha256;
      if (isIts && (wordOf(target).serial ?? 0) < notice.serial) announced.delete(variable);
    },
    all: () => [...announced.values()].map(({ variable, notice }) => ({ variable, notice })),
  };
}
