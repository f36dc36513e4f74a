import type { FileVersion } from "../message/file-version.ts";
import type { Carrier, Report } from "../ports.ts";
import type { Publisher } from "./announce-once.ts";

/** Tells one device, by a Note. */
export function createDevicePublisher(
  { carrier, report }: { carrier: Carrier; report: Report },
  deviceUid: string,
  version: FileVersion,
): Publisher {
  return {
    claimSeconds: 20,
    isQueued: (announcement, signal) => carrier.isPending(deviceUid, announcement, signal),
    send: (announcement, signal) => carrier.announce(deviceUid, announcement, signal),
    published({ size, etag }, foundQueued) {
      const { key, versionId } = version;
      report({ message: "announced", key, device: deviceUid, size, etag, versionId, foundQueued });
    },
  };
}
