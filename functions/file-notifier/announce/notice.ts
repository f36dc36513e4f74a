import type { Announcement, Gone } from "../../../protocol/announcement.ts";
import { PAYLOAD_MAX_BYTES } from "../../../protocol/limits.ts";
import { type AnnouncementNote, withoutPayload } from "../../../protocol/representation.ts";

/** What a target is told of a key: that it is gone, or its version and the patch that rides along. */
export type Notice = { announcement: Announcement | Gone; payload?: Uint8Array | undefined };

/** The longest payload as base64. */
const PAYLOAD_MAX_CHARS = 4 * Math.ceil(PAYLOAD_MAX_BYTES / 3);

/** Payload and `b` come together, or not at all: what was stored or queued may have only one of them. [NF-10.2] */
export function noticeOf(announcement: Announcement, payload: unknown): AnnouncementNote {
  const bytes = parsePayload(payload);
  return bytes === undefined || announcement.b === undefined
    ? withoutPayload({ announcement })
    : { announcement, payload: bytes };
}

export function formatPayload(payload: Uint8Array | undefined): string | undefined {
  return payload === undefined ? undefined : Buffer.from(payload).toString("base64");
}

/** The server then decides what is current, as of an announcement that has no room for `seq`; so it says nothing more. [NF-2.2] [NF-10.2] */
export function withoutSeq(notice: Notice | undefined): Notice | undefined {
  if (notice === undefined || "gone" in notice.announcement) return notice;
  const { name, size, sha256, etag } = notice.announcement;
  return { announcement: { name, size, sha256, etag } };
}

function parsePayload(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string" || text === "" || text.length > PAYLOAD_MAX_CHARS) return undefined;
  const bytes = Buffer.from(text, "base64");
  return bytes.length <= PAYLOAD_MAX_BYTES && bytes.toString("base64") === text ? bytes : undefined;
}
