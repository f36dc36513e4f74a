import * as v from "valibot";
import { parseAnnouncement } from "../../../protocol/announcement.ts";
import type { AnnouncementNote } from "../../../protocol/representation.ts";
import { parseTarget } from "../../../protocol/target.ts";
import { formatPayload, noticeOf } from "../announce/notice.ts";
import type { StoredVersion } from "./file-version.ts";
import { SEQUENCER } from "./sequencer.ts";

/** One version for one device of a fleet; the key is the announcement's name. */
export type DeviceMessage = { deviceUid: string; version: StoredVersion; notice: AnnouncementNote };

const Wire = v.object({
  announce: v.object({
    device: v.pipe(
      v.string(),
      v.check((uid) => parseTarget(uid)?.kind === "device"),
    ),
    bucket: v.pipe(v.string(), v.nonEmpty()),
    versionId: v.pipe(v.string(), v.nonEmpty()),
    sequencer: v.pipe(v.string(), v.regex(SEQUENCER)),
    announcement: v.unknown(),
    /** Base64. */
    payload: v.optional(v.unknown()),
  }),
});

/** The body of the message that a fleet's fan-out queues for each device. */
export function formatDeviceMessage({ deviceUid, version, notice }: DeviceMessage): string {
  const { bucket, versionId, sequencer } = version;
  const payload = formatPayload(notice.payload);
  const { announcement } = notice;
  return JSON.stringify({
    announce: { device: deviceUid, bucket, versionId, sequencer, announcement, payload },
  });
}

/** Undefined if it is anything else. */
export function parseDeviceMessage(body: unknown): DeviceMessage | undefined {
  const parsed = v.safeParse(Wire, body);
  if (!parsed.success) return undefined;
  const { device, bucket, versionId, sequencer, announcement: raw, payload } = parsed.output.announce;
  const announcement = parseAnnouncement(raw);
  if (announcement === undefined) return undefined;
  const version = { bucket, key: announcement.name, versionId, sequencer };
  return { deviceUid: device, version, notice: noticeOf(announcement, payload) };
}
