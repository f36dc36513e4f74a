import * as v from "valibot";
import { chunkCount } from "./chunk.ts";
import { formatChunkRequest } from "./chunk-request.ts";
import { isEtag } from "./etag.ts";
import { KeyRefused } from "./key-refused.ts";
import { ANNOUNCEMENT_MAX_BYTES, CHUNK_MAX_BYTES, KEY_MAX_BYTES, REQUEST_NAME_MAX_CHARS } from "./limits.ts";
import { isSeq, type Seq } from "./seq.ts";
import { shortArray } from "./short-array.ts";

const AtLeastOne = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** The first characters of a base's SHA-256. */
const BaseName = v.pipe(v.string(), v.regex(/^[0-9A-Za-z_-]{8}$/));

const SeqText = v.pipe(v.string(), v.check(isSeq));

/** The body of an announcement. [NF-2.1] */
export const Announcement = v.object({
  /** The whole key. JSON can hold half a surrogate pair, UTF-8 and so a key cannot. */
  name: v.pipe(
    v.string(),
    v.nonEmpty(),
    v.maxBytes(KEY_MAX_BYTES),
    v.check((name) => name.isWellFormed()),
  ),
  /** Bytes. */
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** Unpadded base64url of the file's SHA-256. */
  sha256: v.pipe(v.string(), v.regex(/^[0-9A-Za-z_-]{43}$/)),
  /** S3's ETag without quotes. */
  etag: v.pipe(v.string(), v.check(isEtag)),
  /** Where this version stands among those of its key; absent where there was no room for it. [NF-2.5] */
  seq: v.fallback(v.optional(SeqText), undefined),
  /** Counts requests to do this very version once more. [NF-2.7] */
  again: v.fallback(v.optional(AtLeastOne), undefined),
  /** Bytes of the content as a zstd frame. [NF-10.2] */
  z: v.fallback(v.optional(AtLeastOne), undefined),
  /** Patches, each by its base and its bytes. [NF-10.2] */
  p: v.fallback(v.optional(shortArray(v.tuple([BaseName, AtLeastOne]), 16)), undefined),
  /** The base of the patch that the Note's payload is. [NF-10.2] */
  b: v.fallback(v.optional(BaseName), undefined),
});

export type Announcement = v.InferOutput<typeof Announcement>;

/** Reads the body of an inbound Note; undefined if it announces nothing. Unknown members are ignored. [NF-2.1] */
export function parseAnnouncement(body: unknown): Announcement | undefined {
  const parsed = v.safeParse(Announcement, body);
  return parsed.success ? parsed.output : undefined;
}

/** The body of a Note which says that a device's own key is gone: `seq` is that of the deletion. [NF-2.6] */
const Gone = v.object({ ...v.pick(Announcement, ["name"]).entries, seq: SeqText, gone: v.literal(true) });

export type Gone = v.InferOutput<typeof Gone>;

/** Reads the body of an inbound Note; undefined if it does not say that a key is gone. [NF-2.6] */
export function parseGone(body: unknown): Gone | undefined {
  const parsed = v.safeParse(Gone, body);
  return parsed.success ? parsed.output : undefined;
}

/** Adds `seq` while the announcement stays within what a Note carries: no key is refused for it. [NF-2.5] */
export function withSeq(announcement: Announcement, seq: Seq): Announcement {
  const { name, size, sha256, etag } = announcement;
  const ordered = { name, size, sha256, etag, seq };
  return Buffer.byteLength(JSON.stringify(ordered)) <= ANNOUNCEMENT_MAX_BYTES ? ordered : announcement;
}

/**
 * Refuses a file whose announcement or longest request a Notecard could not carry. [NF-1.5]
 *
 * @throws {KeyRefused} with reason `announcement-too-long` or `request-too-long`.
 */
export function checkAnnounceable(announcement: Announcement): void {
  const { name, size, etag } = announcement;
  const bytes = Buffer.byteLength(JSON.stringify({ name, size, sha256: announcement.sha256, etag }));
  if (bytes > ANNOUNCEMENT_MAX_BYTES) {
    throw new KeyRefused(
      "announcement-too-long",
      `the announcement has ${bytes} bytes, a Note carries ${ANNOUNCEMENT_MAX_BYTES}: shorten the key`,
    );
  }
  const last = chunkCount(size, CHUNK_MAX_BYTES);
  const request = formatChunkRequest({ key: name, chunk: last, size: CHUNK_MAX_BYTES, etag });
  if (request.length > REQUEST_NAME_MAX_CHARS) {
    throw new KeyRefused(
      "request-too-long",
      `the longest request has ${request.length} characters, a Notecard sends ${REQUEST_NAME_MAX_CHARS}: shorten the key`,
    );
  }
}
