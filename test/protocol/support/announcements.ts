import fc from "fast-check";
import type { Announcement } from "../../../protocol/announcement.ts";

/** A SHA-256 as announcements carry it. */
export const arbitrarySha256: fc.Arbitrary<string> = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString("base64url"));

/** An announcement with a place in the order, of 7268 bytes unless told otherwise. */
export function announcementOf(members: Partial<Announcement>): Announcement {
  const announcement = {
    name: "app/main.py",
    size: 7268,
    sha256: "S".repeat(43),
    etag: "0123456789abcdef0123456789abcdef",
    seq: "AFVsQi0hpA",
  };
  return { ...announcement, ...members };
}
