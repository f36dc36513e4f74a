import { KeyRefused } from "../../../protocol/key-refused.ts";
import { addressKey, isFolderMarker, type Target } from "../../../protocol/target.ts";
import type { FleetTask } from "../message/message.ts";
import type { Attempt, Report } from "../ports.ts";
import type { AnnounceFleetNow } from "./announce-fleet.ts";
import type { LookAtFile, LookCause } from "./look-at-file.ts";
import type { Sweep } from "./sweep.ts";
import type { FleetAnnouncements } from "./tell-fleet.ts";
import type { WithdrawVariable } from "./withdraw-variable.ts";

/** Does what a message about fleets asks for. @throws {RetryLater | Undeliverable} */
export type ServeFleet = (task: FleetTask, attempt: Attempt) => Promise<void>;

export function createServeFleet({
  mode,
  lookAtFile,
  announceFleet,
  withdrawVariable,
  sweep,
  report,
  defaultTarget,
}: {
  mode: FleetAnnouncements;
  lookAtFile: LookAtFile;
  announceFleet: AnnounceFleetNow;
  withdrawVariable: WithdrawVariable;
  sweep: Sweep;
  report: Report;
  defaultTarget: Target | undefined;
}): ServeFleet {
  return async ({ kind, ask }, attempt) => {
    if (kind === "sweep") return await sweep(ask, attempt.signal);
    if (kind === "announce-fleet" && mode === "notes")
      return await withdrawVariable(ask.fleet, attempt.signal);
    if (kind === "announce-fleet") return await announceFleet(ask, attempt);
    if (mode === "notes")
      return report({ message: "ignored", reason: "fleets are told by Notes", key: ask.key });
    const share = kind === "share" ? { versionId: ask.versionId, percent: ask.percent } : undefined;
    await look({ bucket: ask.bucket, key: ask.key, share }, attempt);
  };

  async function look(cause: Omit<LookCause, "fleet">, attempt: Attempt): Promise<void> {
    const { key } = cause;
    if (isFolderMarker(key)) return;
    try {
      const { target } = addressKey(key, defaultTarget);
      if (target?.kind !== "fleet") return report({ message: "ignored", reason: "no file of a fleet", key });
      await lookAtFile({ ...cause, fleet: target.fleetUid }, attempt);
    } catch (error) {
      if (!(error instanceof KeyRefused)) throw error;
      report({ message: "refused", key, reason: error.reason, detail: error.message }); // [NF-1.4]
    }
  }
}
