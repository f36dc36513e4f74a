import type { ManifestOutcome } from "../../state/unsent-reports.ts";
import type { Job } from "./job-message.ts";

/** What the agent knows of the manifests of one target. */
export type ManifestWord = {
  /** Of the manifest that it goes by. */
  serial?: number | undefined;
  /** What was said last: of which manifest, whether nothing of it waits any longer, and whether that has left the device. */
  told?:
    | { serial: number; isWhole: boolean; hasLeft: boolean; outcome?: ManifestOutcome | undefined }
    | undefined;
  /** Why the manifest that was announced last is not here; `isFinal` if it is not tried again. */
  failure?: { sha256: string; reason: string; isFinal: boolean } | undefined;
};

export type JobEnd = {
  status: "SUCCEEDED" | "FAILED" | "REJECTED";
  serial?: number;
  outcome?: ManifestOutcome | undefined;
  reason?: string;
};

/** What is to be done about a job. `stuck`: nothing can be done now, and nobody knows for how long. */
export type JobVerdict = { do: "go-on" } | { do: "stuck"; why: string } | { do: "end"; end: JobEnd };

/**
 * What is to be done about the job that comes next. It goes by what the agent has on disk alone, so that a job ends the same whatever was
 * killed when. [NF-13.5]
 *
 * @param uid of the thing
 */
export function judgeJob(
  { announced }: Job,
  uid: string,
  wordOf: (target: string) => ManifestWord,
): JobVerdict {
  if (announced === undefined)
    return { do: "end", end: { status: "REJECTED", reason: "the document is not one of Noteferry's" } };
  const { for: target, notice } = announced;
  if (target.startsWith("thing:") && target !== uid)
    return { do: "end", end: { status: "REJECTED", reason: "it is for another thing" } };
  const { serial: goesBy = 0, told, failure } = wordOf(target);
  const { serial } = notice;
  if (told !== undefined && told.serial >= serial && told.serial >= goesBy) {
    if (told.isWhole && told.hasLeft) return { do: "end", end: endOf(told.serial, told.outcome) };
    if (told.serial === serial)
      return { do: "stuck", why: told.hasLeft ? "files are still waited for" : "its receipt cannot be sent" };
  }
  if (goesBy > serial) return { do: "end", end: { status: "SUCCEEDED", serial: goesBy } };
  if (failure?.sha256 !== notice.sha256) return { do: "go-on" };
  if (failure.isFinal) return { do: "end", end: { status: "FAILED", serial, reason: failure.reason } };
  return { do: "stuck", why: `the manifest cannot be had: ${failure.reason}` };
}

function endOf(serial: number, outcome: ManifestOutcome | undefined): JobEnd {
  return { status: outcome?.failure === undefined ? "SUCCEEDED" : "FAILED", serial, outcome };
}

/** The end of a job that has been stuck for too long: what waits is still tried, and told by receipts. */
export function giveUp({ announced }: Job, wordOf: (target: string) => ManifestWord, why: string): JobEnd {
  const { told } = wordOf(announced?.for ?? "");
  const outcome = told?.serial === announced?.notice.serial ? told?.outcome : undefined;
  return { status: "FAILED", serial: announced?.notice.serial ?? 0, outcome, reason: why };
}
