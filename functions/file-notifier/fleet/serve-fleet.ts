import { KeyRefused } from "../../../protocol/key-refused.ts";
import { addressKey, isFolderMarker, manifestOwner, type Target } from "../../../protocol/target.ts";
import type { AnnounceFleet } from "../message/fleet-message.ts";
import type { FleetTask } from "../message/message.ts";
import type { Attempt, Report } from "../ports.ts";
import type { AnnounceFleetNow } from "./announce-fleet.ts";
import type { LookAtFile, LookCause } from "./look-at-file.ts";
import { type GoesByManifests, isFleet } from "./reach.ts";
import type { Sweep } from "./sweep.ts";
import type { WithdrawVariable } from "./withdraw-variable.ts";

/** Does what a message about fleets asks for. @throws {RetryLater | Undeliverable} */
export type ServeFleet = (task: FleetTask, attempt: Attempt) => Promise<void>;

export function createServeFleet({
  goesByManifests,
  lookAtFile,
  announceFleet,
  withdrawVariable,
  sweep,
  report,
  defaultTarget,
}: {
  goesByManifests: GoesByManifests;
  lookAtFile: LookAtFile;
  announceFleet: AnnounceFleetNow;
  withdrawVariable: WithdrawVariable;
  sweep: Sweep;
  report: Report;
  defaultTarget: Target | undefined;
}): ServeFleet {
  return async ({ kind, ask }, attempt) => {
    if (kind === "sweep") return await sweep(ask, attempt.signal);
    if (kind === "announce-fleet") return await announce(ask, attempt);
    const share = kind === "share" ? { versionId: ask.versionId, percent: ask.percent } : undefined;
    await look({ bucket: ask.bucket, key: ask.key, share }, attempt);
  };

  async function announce(ask: AnnounceFleet, attempt: Attempt): Promise<void> {
    if (goesByManifests(ask.fleet)) return await announceFleet(ask, attempt);
    if (isFleet(ask.fleet)) return await withdrawVariable(ask.fleet, attempt.signal);
    report({ message: "ignored", reason: `${ask.fleet}: the setting iot is off` });
  }

  async function look(cause: Omit<LookCause, "fleet">, attempt: Attempt): Promise<void> {
    const { key } = cause;
    if (isFolderMarker(key)) return;
    try {
      const fleet = manifestOwner(addressKey(key, defaultTarget).target);
      if (fleet === undefined || !goesByManifests(fleet))
        return report({ message: "ignored", reason: "no file that is told by a manifest", key });
      await lookAtFile({ ...cause, fleet }, attempt);
    } catch (error) {
      if (!(error instanceof KeyRefused)) throw error;
      report({ message: "refused", key, reason: error.reason, detail: error.message }); // [NF-1.4]
    }
  }
}
