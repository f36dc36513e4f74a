import { KeyRefused } from "../../../protocol/key-refused.ts";
import { addressKey, isFolderMarker, type NotehubTarget, type Target } from "../../../protocol/target.ts";
import type { TellFleet } from "../fleet/tell-fleet.ts";
import type { FileTask } from "../message/message.ts";
import type { KeyChange } from "../message/s3-event.ts";
import type { Attempt, Report } from "../ports.ts";
import type { AnnounceOnce } from "./announce-once.ts";

/** Announces a file to its device, or has its fleet, thing or thing group told; or announces it to one device of a fleet. */
export type AnnounceFile = (task: FileTask, attempt: Attempt) => Promise<void>;

export function createAnnounceFile({
  announceOnce,
  tellFleet,
  report,
  defaultTarget,
}: {
  announceOnce: AnnounceOnce;
  tellFleet: TellFleet;
  report: Report;
  defaultTarget: Target | undefined;
}): AnnounceFile {
  return async (task, attempt) => {
    const change: KeyChange = task.kind === "announce" ? { ...task.version, kind: "added" } : task.change;
    const { key } = change;
    const isUpload = change.kind === "added" && change.versionId !== undefined;
    if (isFolderMarker(key)) return report({ message: "ignored", key, reason: "folder" }); // [NF-1.6]
    try {
      if (task.kind === "announce") {
        const device: NotehubTarget = { kind: "device", deviceUid: task.deviceUid };
        return await announceOnce(device, change, task.notice, attempt);
      }
      const { target } = addressKey(key, defaultTarget);
      if (target === undefined && isUpload) return report({ message: "no-target", key }); // [NF-1.2]
      if (target === undefined) return;
      if (target.kind !== "device") return await tellFleet(target, change, attempt);
      await announceOnce(target, change, undefined, attempt);
    } catch (error) {
      if (!(error instanceof KeyRefused)) throw error;
      if (!isUpload) return; // it was refused when it came
      report({ message: "refused", key, reason: error.reason, detail: error.message }); // [NF-1.4] [NF-1.5]
    }
  };
}
