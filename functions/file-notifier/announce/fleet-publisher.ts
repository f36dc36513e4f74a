import type { FileVersion } from "../message/file-version.ts";
import type { Carrier, Queue, Report } from "../ports.ts";
import type { Publisher } from "./announce-once.ts";

/**
 * Tells a fleet, by queueing one message for each of its devices. Queueing twice is harmless: each device has a record
 * of its own, so a message for one that was told is dropped.
 */
export function createFleetPublisher(
  { carrier, queue, report }: { carrier: Carrier; queue: Queue; report: Report },
  fleetUid: string,
  version: FileVersion,
): Publisher {
  let devices: string[] = [];
  return {
    claimSeconds: 120, // thousands of devices are hundreds of calls to SQS
    isQueued: async () => false,
    async send(announcement, signal) {
      devices = await carrier.members(fleetUid, signal);
      await queue.sendToDevices(
        devices.map((deviceUid) => ({ deviceUid, version, announcement })),
        signal,
      );
    },
    published() {
      const { key, versionId } = version;
      report({ message: "fanned-out", key, fleet: fleetUid, devices: devices.length, versionId });
    },
  };
}
