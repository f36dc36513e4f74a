import type { Announcement } from "../../../protocol/announcement.ts";
import type { Target } from "../../../protocol/target.ts";
import type { FileVersion } from "../message/file-version.ts";
import type { NotifierEvent } from "../outcome/notifier-event.ts";
import type { Carrier, Queue } from "../ports.ts";

/** How one target is told of one version, under a claim. What it returns is what to tell the log. */
export type Publisher = {
  /** How long an attempt may take before another may think it dead. */
  claimSeconds: number;
  /** Undefined unless what an earlier attempt sent has arrived and still waits. [NF-8.3] */
  findPending(announcement: Announcement, signal: AbortSignal): Promise<NotifierEvent | undefined>;
  publish(announcement: Announcement, signal: AbortSignal): Promise<NotifierEvent>;
};

export function createPublisher(
  target: Target,
  version: FileVersion,
  { carrier, queue }: { carrier: Carrier; queue: Queue },
): Publisher {
  return target.kind === "device"
    ? createDevicePublisher(target.deviceUid, version, carrier)
    : createFleetPublisher(target.fleetUid, version, carrier, queue);
}

function createDevicePublisher(device: string, version: FileVersion, carrier: Carrier): Publisher {
  const { key, versionId } = version;
  const announced = ({ size, etag }: Announcement, foundQueued: boolean): NotifierEvent => {
    return { message: "announced", key, device, size, etag, versionId, foundQueued };
  };
  return {
    claimSeconds: 20,
    async findPending(announcement, signal) {
      const pending = await carrier.isPending(device, announcement, signal);
      return pending ? announced(announcement, true) : undefined;
    },
    async publish(announcement, signal) {
      await carrier.announce(device, announcement, signal);
      return announced(announcement, false);
    },
  };
}

/**
 * Queues one message for each device of the fleet. Doing so twice is harmless: each device has a record of its own, so a
 * message for one that was told is dropped.
 */
function createFleetPublisher(
  fleet: string,
  version: FileVersion,
  carrier: Carrier,
  queue: Queue,
): Publisher {
  const { key, versionId } = version;
  return {
    claimSeconds: 120, // thousands of devices are hundreds of calls to SQS
    findPending: async () => undefined,
    async publish(announcement, signal) {
      const deviceUids = await carrier.members(fleet, signal);
      const messages = deviceUids.map((deviceUid) => ({ deviceUid, version, announcement }));
      await queue.sendToDevices(messages, signal);
      return { message: "fanned-out", key, fleet, devices: messages.length, versionId };
    },
  };
}
