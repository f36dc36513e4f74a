import type { PlacedFile } from "../../protocol/inventory.ts";
import { exceptionOf, type ManifestException } from "../../protocol/manifest-exceptions.ts";
import { formatManifestReceipt, type ManifestReceipt } from "../../protocol/manifest-receipt.ts";
import type { ManifestOutcome } from "../state/unsent-reports.ts";
import type { AskedFile } from "./decide.ts";

/** What is known of a file that a manifest asks for. */
export type FileState =
  | { is: "in-place" }
  /** It cannot be had, until the manifest says something else. */
  | { is: "exception"; state: ManifestException[1]; reason: string; ended?: string | undefined }
  /** It is still to be delivered; `reason` says why that failed for now. */
  | { is: "waiting"; reason: string };

/** What ends a file for good, and is not how the manifest wants it. */
const FAILED: ReadonlySet<string> = new Set(["failed", "refused", "discarded"]);

export type Counts = { installed: number; removed: number; bytes: number; requests: number };

/**
 * The receipt for a manifest. [NF-11.12]
 *
 * @param there what is at the manifest's paths
 */
export function whatToSay(
  { fleet, serial }: { fleet: string; serial: number },
  files: readonly { file: AskedFile; state: FileState }[],
  there: readonly PlacedFile[],
  counts: Counts,
): { receipt: Omit<ManifestReceipt, "n">; isWhole: boolean; outcome: ManifestOutcome } {
  const exceptions = files.flatMap(({ file, state }) => exceptionIn(file, state));
  const inPlace = files.filter(
    ({ file, state }) => file.authority === "manifest" && !file.remove && state.is === "in-place",
  ).length;
  // Installed before the agent was started again, or gone again since: no count is below nothing.
  const installed = Math.min(counts.installed, inPlace);
  const receipt = formatManifestReceipt(
    { ...counts, fleet, serial, installed, unchanged: inPlace - installed },
    there,
    exceptions,
  );
  const isWhole = files.every(({ file, state }) => file.authority !== "manifest" || state.is !== "waiting");
  const { unchanged, removed, bytes, requests } = receipt;
  const [path, state, reason] = exceptions.find(([, of]) => FAILED.has(of)) ?? [];
  const failure: ManifestOutcome["failure"] =
    path === undefined || state === undefined || reason === undefined ? undefined : [path, state, reason];
  const outcome = { installed, unchanged, removed, bytes, requests, ...(failure && { failure }) };
  return { receipt, isWhole, outcome };
}

function exceptionIn(
  { path, authority, isHeldBack, wanted: { sha256 } }: AskedFile,
  state: FileState,
): ManifestException[] {
  if (authority !== "manifest") return [[path, "unchanged", authority]]; // something else counts there
  if (state.is === "in-place") return [];
  const { reason } = state;
  // The version that those outside the share should have is gone: what is there stays. [NF-11.9]
  if (state.is === "exception" && isHeldBack && state.state === "discarded")
    return [[path, "held-back", reason]];
  if (state.is === "exception")
    return [exceptionOf({ path, state: state.state, reason, sha256, ended: state.ended })];
  // What waits for nothing but its turn, or for others of its unit, has not failed.
  return [exceptionOf({ path, state: "waiting", reason, sha256: reason === "" ? undefined : sha256 })];
}
