import type { Announcement, Gone } from "../../../protocol/announcement.ts";
import { TABLE_PATH_MAX_BYTES } from "../../../protocol/delivery-table.ts";
import type { KeyRefused } from "../../../protocol/key-refused.ts";
import { shortReason } from "../../../protocol/reason.ts";
import { formatSeq, type Seq } from "../../../protocol/seq.ts";
import { formatTarget, type Target } from "../../../protocol/target.ts";
import type { FileVersion } from "../message/file-version.ts";
import type { Deliveries, Report } from "../ports.ts";

/** A version that is to be announced to a target, as far as is known of it. */
export type Subject = {
  target: Target;
  /** Without a sequencer where no event led to it: then the time orders it. */
  version: Omit<FileVersion, "sequencer"> & { sequencer?: string | undefined };
  announcement: Announcement | Gone | undefined;
};

/** Keeps the operator informed of what each device, or fleet, was told. */
export type TellOperator = {
  /** To be called before the device can answer. Where the key held nothing, nothing is wanted any more. */
  announced(subject: Subject, signal: AbortSignal): Promise<void>;
  /** The file can never be announced. */
  refused(subject: Subject, refusal: KeyRefused): Promise<void>;
  /** The message goes to the dead letters, which nothing here may delay for long, or prevent: nothing is thrown. */
  gaveUp(subject: Subject, reason: string): Promise<void>;
};

/** Milliseconds. The function's time may nearly be up. */
const GIVE_UP_MS = 3_000;
/** Milliseconds. */
const REFUSE_MS = 10_000;

export function createTellOperator({
  deliveries,
  report,
  now,
}: {
  deliveries: Deliveries;
  report: Report;
  now: () => number;
}): TellOperator {
  async function notAnnounced(subject: Subject, reason: string, signal: AbortSignal): Promise<void> {
    const { target, version, announcement } = subject;
    const { key, versionId } = version;
    if (versionId === undefined || (announcement !== undefined && "gone" in announcement)) return;
    if (Buffer.byteLength(key) > TABLE_PATH_MAX_BYTES) return; // the table cannot hold it; the log has it
    const sha256 = announcement?.sha256;
    const unannounced = { key, versionId, seq: seqOf(version), sha256, at: now() };
    await deliveries.notAnnounced(
      formatTarget(target),
      { ...unannounced, reason: shortReason(reason) },
      signal,
    );
  }

  return {
    async announced({ target, version, announcement }, signal) {
      const { key, versionId } = version;
      if (versionId === undefined && Buffer.byteLength(key) <= TABLE_PATH_MAX_BYTES) {
        const withdrawn = { key, seq: seqOf(version), at: now() };
        return deliveries.withdrawn(formatTarget(target), withdrawn, signal);
      }
      if (announcement === undefined || "gone" in announcement || versionId === undefined) return;
      const { sha256, etag, size } = announcement;
      const announced = { key, sha256, etag, size, seq: seqOf(version), versionId, at: now() };
      await deliveries.announced(formatTarget(target), announced);
    },
    refused: (subject, { reason }) => notAnnounced(subject, reason, AbortSignal.timeout(REFUSE_MS)),
    async gaveUp(subject, reason) {
      try {
        await notAnnounced(subject, reason, AbortSignal.timeout(GIVE_UP_MS));
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        report({ message: "not-shown", key: subject.version.key, detail });
      }
    },
  };
}

function seqOf({ sequencer }: Subject["version"]): Seq | undefined {
  return sequencer === undefined ? undefined : formatSeq(sequencer);
}
