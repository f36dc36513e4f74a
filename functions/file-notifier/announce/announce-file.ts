import { KeyRefused } from "../../../protocol/key-refused.ts";
import { addressKey, isFolderMarker, type Target } from "../../../protocol/target.ts";
import type { DeviceMessage } from "../message/device-message.ts";
import type { FileVersion } from "../message/file-version.ts";
import type { Carrier, Queue, RecordStore } from "../ports.ts";
import { createAnnounceOnce, type Publisher } from "./announce-once.ts";
import { checkSize, type DescribeParts, describeFile, isCurrent } from "./describe-file.ts";
import { createDevicePublisher } from "./device-publisher.ts";
import { createFleetPublisher } from "./fleet-publisher.ts";

export type AnnounceParts = DescribeParts & {
  records: RecordStore;
  carrier: Carrier;
  queue: Queue;
  defaultTarget: Target | undefined;
  /** Milliseconds since the epoch. */
  now: () => number;
};

export type Announcer = {
  /** A file was created: announces it to its device, or queues one message for each device of its fleet. */
  announceFile(version: FileVersion, size: number | undefined, signal: AbortSignal): Promise<void>;
  /** One device of a fleet. */
  announceToDevice(message: DeviceMessage, signal: AbortSignal): Promise<void>;
};

export function createAnnouncer(parts: AnnounceParts): Announcer {
  const announceOnce = createAnnounceOnce(parts);

  return {
    async announceFile(version, size, signal) {
      const { key } = version;
      if (isFolderMarker(key)) {
        parts.report({ message: "ignored", key, reason: "folder" }); // [NF-1.6]
        return;
      }
      try {
        const { target } = addressKey(key, parts.defaultTarget);
        if (target === undefined) {
          parts.report({ message: "no-target", key }); // [NF-1.2]
          return;
        }
        if (size !== undefined) checkSize(size, parts.maxFileBytes);
        await announceOnce(
          target,
          version,
          async (known) =>
            (await isCurrent(parts, version, signal))
              ? (known ?? (await describeFile(parts, version, signal)))
              : undefined,
          publisherFor(target, version),
          signal,
        );
      } catch (error) {
        if (!(error instanceof KeyRefused)) throw error;
        parts.report({ message: "refused", key, reason: error.reason, detail: error.message }); // [NF-1.4] [NF-1.5]
      }
    },

    async announceToDevice({ deviceUid, version, announcement }, signal) {
      const target: Target = { kind: "device", deviceUid };
      await announceOnce(
        target,
        version,
        async () => ((await isCurrent(parts, version, signal)) ? announcement : undefined),
        publisherFor(target, version),
        signal,
      );
    },
  };

  function publisherFor(target: Target, version: FileVersion): Publisher {
    return target.kind === "device"
      ? createDevicePublisher(parts, target.deviceUid, version)
      : createFleetPublisher(parts, target.fleetUid, version);
  }
}
