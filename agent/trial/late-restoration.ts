import type { Receipt } from "../../protocol/receipt.ts";
import type { AgentEvent } from "../events/agent-event.ts";
import type { FailedVersions } from "./failed-versions.ts";

/**
 * The receipt for a version that is out of its place at last, after another receipt said that it could not be taken back;
 * undefined for every other event.
 */
export function receiptOfLateRestoration(
  failed: Pick<FailedVersions, "get">,
  event: AgentEvent,
): Receipt | undefined {
  if (event.event !== "restored") return undefined;
  const { sha256, reason, ended } = failed.get(event.path) ?? {};
  if (sha256 === undefined || reason !== "run-not-restored") return undefined;
  return { name: event.name, sha256, state: "failed", reason: "run", ended, bytes: 0, requests: 0 };
}
