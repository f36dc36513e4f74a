import {
  type Announcement,
  type Gone,
  parseAnnouncement,
  parseGone,
} from "../../../../protocol/announcement.ts";
import { compareSeqs } from "../../../../protocol/seq.ts";

/**
 * Whether this very announcement is among the Notes that wait for a device. [NF-8.3]
 *
 * @param bodies of all Notes of the notefile
 */
export function isAmong(bodies: readonly unknown[], announcement: Announcement | Gone): boolean {
  const named = bodies
    .flatMap((body) => parseGone(body) ?? parseAnnouncement(body) ?? [])
    .filter(({ name }) => name === announcement.name);
  // Without a seq, an earlier upload of the same content looks alike: only where nothing else waits is it surely this one.
  return announcement.seq === undefined
    ? named.length > 0 && named.every((note) => isSame(note, announcement))
    : named.some((note) => isSame(note, announcement));
}

function isSame(note: Announcement | Gone, other: Announcement | Gone): boolean {
  const [seq, otherSeq] = [note.seq, other.seq];
  const sameSeq =
    seq === undefined || otherSeq === undefined ? seq === otherSeq : compareSeqs(seq, otherSeq) === 0;
  if ("gone" in note || "gone" in other) return "gone" in note && "gone" in other && sameSeq;
  return note.etag === other.etag && sameSeq;
}
