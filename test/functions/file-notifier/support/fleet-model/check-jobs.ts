import type { FleetState } from "../../../../../protocol/fleet-state.ts";
import { parseJobDocument } from "../../../../../protocol/job-document.ts";
import { jobId } from "../../../../../protocol/job-id.ts";
import { type Manifest, parseManifest } from "../../../../../protocol/manifest.ts";
import type { ModelJob } from "./jobs.ts";

/** What is not as it must be with the jobs of a target once all has settled, a sentence each. [NF-13.2] */
export function wrongJobs(
  { fleet, announced, manifests }: FleetState,
  all: ReadonlyMap<string, ModelJob>,
  find: (sha256: string) => Uint8Array | undefined,
): string[] {
  const told = manifests.find(({ serial }) => serial === announced?.serial);
  if (told === undefined) return ["what was announced is not on record"];
  const id = jobId(fleet, told.sha256);
  const job = all.get(id);
  if (job === undefined) return ["there is no job with the announced manifest"];
  const wrong: string[] = [];
  if (job.isCancelled) wrong.push("the job with the announced manifest is cancelled");
  const says = parseJobDocument(JSON.parse(job.document));
  if (job.target !== fleet || says?.for !== fleet) wrong.push("the job is for somebody else");
  if (says?.notice.serial !== told.serial || says.notice.sha256 !== told.sha256)
    wrong.push("the job names another manifest");
  const named = new Set(manifests.map(({ sha256 }) => jobId(fleet, sha256)));
  for (const [other, { isCancelled }] of all)
    if (other !== id && named.has(other) && !isCancelled) wrong.push(`${other} is not cancelled`);
  return [...wrong, ...wrongLone(job, find(told.sha256))];
}

/** The one file that others are told of is one of the manifest's. */
function wrongLone({ document }: ModelJob, text: Uint8Array | undefined): string[] {
  const manifest: Manifest | undefined = text && parseManifest(text);
  const { url } = JSON.parse(document);
  if (url === undefined || manifest === undefined) return [];
  const opened = new URL(url);
  const key = decodeURIComponent(opened.pathname.slice("/files/".length));
  const version = opened.searchParams.get("version");
  return manifest.files.some((file) => file.key === key && file.version === version)
    ? []
    : ["others are told of a file that is not in the manifest"];
}
