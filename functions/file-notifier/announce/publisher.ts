import { isDeviceKey, type NotehubTarget } from "../../../protocol/target.ts";
import type { FileVersion } from "../message/file-version.ts";
import type { NotifierEvent } from "../outcome/notifier-event.ts";
import { Undeliverable } from "../outcome/undeliverable.ts";
import type { Carrier, Queue } from "../ports.ts";
import type { Notice } from "./notice.ts";

/** How one target is told of one version, under a claim. What it returns is what to tell the log. */
export type Publisher = {
  /** How long an attempt may take before another may think it dead. */
  claimSeconds: number;
  /** Undefined unless what an earlier attempt sent has arrived and still waits. [NF-8.3] */
  findPending(notice: Notice, signal: AbortSignal): Promise<NotifierEvent | undefined>;
  publish(notice: Notice, signal: AbortSignal): Promise<NotifierEvent>;
};

export function createPublisher(
  target: NotehubTarget,
  version: FileVersion,
  { carrier, queue }: { carrier: Carrier; queue: Queue },
): Publisher {
  const { key, versionId } = version;
  // Whoever else gets a key may take any Note for a file to fetch, as the original sample's hosts do. [NF-2.6]
  if (versionId === undefined && !isDeviceKey(key)) return createSilentPublisher(key);
  return target.kind === "device"
    ? createDevicePublisher(target.deviceUid, version, carrier)
    : createFleetPublisher(target.fleetUid, version, carrier, queue);
}

/** Nobody is told that the key is gone. That it was is on record all the same: what comes back is then announced. [NF-8.6] */
function createSilentPublisher(key: string): Publisher {
  return {
    claimSeconds: 120, // of a fleet's file thousands of rows are put on record
    findPending: async () => undefined,
    publish: async () => ({ message: "ignored", key, reason: "deleted; devices keep their copy" }),
  };
}

function createDevicePublisher(device: string, version: FileVersion, carrier: Carrier): Publisher {
  const { key, versionId } = version;
  const announced = ({ announcement, payload }: Notice, foundQueued: boolean): NotifierEvent => {
    if ("gone" in announcement) return { message: "gone", key, device, foundQueued };
    const { size, etag } = announcement;
    return {
      message: "announced",
      key,
      device,
      size,
      etag,
      versionId,
      payload: payload?.length,
      foundQueued,
    };
  };
  return {
    claimSeconds: 20,
    async findPending(notice, signal) {
      const pending = await carrier.isPending(device, notice.announcement, signal);
      return pending ? announced(notice, true) : undefined;
    },
    async publish(notice, signal) {
      try {
        await carrier.announce(device, notice, signal);
      } catch (error) {
        if (!("gone" in notice.announcement && error instanceof Undeliverable)) throw error;
        if (await carrier.isKnown(device, signal)) throw error;
        return { message: "ignored", key, reason: "deleted; Notehub has no such device to be told" };
      }
      return announced(notice, false);
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
    async publish({ announcement, payload }, signal) {
      if (versionId === undefined || "gone" in announcement)
        throw new TypeError("only a device is told that a key is gone");
      const deviceUids = await carrier.members(fleet, signal);
      const messages = deviceUids.map((deviceUid) => ({
        deviceUid,
        version: { ...version, versionId },
        notice: { announcement, payload },
      }));
      await queue.sendToDevices(messages, signal);
      return { message: "fanned-out", key, fleet, devices: messages.length, versionId };
    },
  };
}
