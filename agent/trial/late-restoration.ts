import type { Receipt } from "../../protocol/receipt.ts";
import type { AgentEvent } from "../events/agent-event.ts";
import type { FailedVersions } from "./failed-versions.ts";

/**
 * The receipt for a version that is out of its place at last, after another receipt said that it could not be taken back;
 * undefined for every other event, and of what a manifest asked for, whose receipt says so. [NF-11.12]
 */
export function receiptOfLateRestoration(
  failed: Pick<FailedVersions, "get">,
  event: AgentEvent,
): Receipt | undefined {
  if (event.event !== "restored") return undefined;
  const { sha256, reason, ended, version } = failed.get(event.path) ?? {};
  if (sha256 === undefined || reason !== "run-not-restored" || version?.fleet !== undefined) return undefined;
  return { name: event.name, sha256, state: "failed", reason: "run", ended, bytes: 0, requests: 0 };
}
