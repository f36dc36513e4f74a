import { KeyRefused } from "../../../protocol/key-refused.ts";
import { addressKey, isFolderMarker, type Target } from "../../../protocol/target.ts";
import type { FileTask } from "../message/message.ts";
import type { Report } from "../ports.ts";
import type { AnnounceOnce } from "./announce-once.ts";
import { checkSize } from "./describe-file.ts";

/** Announces a file to its device, or queues one message for each device of its fleet; or does so for one device. */
export type AnnounceFile = (task: FileTask, signal: AbortSignal) => Promise<void>;

export function createAnnounceFile({
  announceOnce,
  report,
  maxFileBytes,
  defaultTarget,
}: {
  announceOnce: AnnounceOnce;
  report: Report;
  maxFileBytes: number;
  defaultTarget: Target | undefined;
}): AnnounceFile {
  return async (task, signal) => {
    const { version } = task;
    if (task.kind === "announce") {
      const { deviceUid, announcement } = task;
      return announceOnce({ kind: "device", deviceUid }, version, announcement, signal);
    }
    const { key } = version;
    if (isFolderMarker(key)) return report({ message: "ignored", key, reason: "folder" }); // [NF-1.6]
    try {
      const { target } = addressKey(key, defaultTarget);
      if (target === undefined) return report({ message: "no-target", key }); // [NF-1.2]
      if (task.size !== undefined) checkSize(task.size, maxFileBytes);
      await announceOnce(target, version, undefined, signal);
    } catch (error) {
      if (!(error instanceof KeyRefused)) throw error;
      report({ message: "refused", key, reason: error.reason, detail: error.message }); // [NF-1.4] [NF-1.5]
    }
  };
}
