import { createHash } from "node:crypto";
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import * as v from "valibot";
import { parseAnnouncement, parseGone } from "../../../protocol/announcement.ts";
import type { AnnouncementRecord } from "../announce/decide.ts";
import { formatPayload, type Notice, noticeOf } from "../announce/notice.ts";
import { SEQUENCER } from "../message/sequencer.ts";
import type { RecordStore } from "../ports.ts";
import { isFailure } from "./s3-failure.ts";

const Stored = v.object({
  sequencer: v.pipe(v.string(), v.regex(SEQUENCER)),
  versionId: v.optional(v.string()),
  announcement: v.optional(v.unknown()), // absent where nobody could be told
  payload: v.optional(v.unknown()),
  state: v.picklist(["claimed", "unsent", "uncertain", "announced"]),
  claimId: v.string(),
  claimExpires: v.pipe(v.number(), v.finite()),
  unordered: v.optional(v.literal(true)),
});

/**
 * Records as objects of a bucket of their own, written by S3's conditional writes. The bucket's lifecycle deletes them.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html, docs/adr/0001-announcement-state-in-s3.md
 */
export function createS3Records(s3: S3Client, bucket: string): RecordStore {
  return {
    async read(targetUid, key) {
      try {
        const command = new GetObjectCommand({ Bucket: bucket, Key: nameOf(targetUid, key) });
        const reply = await s3.send(command);
        const text = (await reply.Body?.transformToString()) ?? "";
        return { record: parseRecord(text), tag: reply.ETag };
      } catch (error) {
        if (isFailure(error, [404])) return { record: undefined, tag: undefined };
        throw error;
      }
    },

    async write(targetUid, key, record, over) {
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: nameOf(targetUid, key),
        Body: JSON.stringify({ ...record, payload: formatPayload(record.payload) }),
        ContentType: "application/json",
        ...(over === undefined ? { IfNoneMatch: "*" } : { IfMatch: over }),
      });
      try {
        const { ETag } = await s3.send(command);
        if (ETag === undefined) throw new Error("S3 gave a written record no ETag");
        return ETag;
      } catch (error) {
        // 412: written since; 409: being written; 404: expired since it was read.
        if (isFailure(error, [404, 409, 412])) return undefined;
        throw error;
      }
    },
  };
}

/** A digest is never too long, and nothing hostile in a key gets into the name. */
function nameOf(targetUid: string, key: string): string {
  return `announcements/${createHash("sha256").update(`${targetUid}\0${key}`).digest("base64url")}.json`;
}

/** What cannot be read is written over: forgetting costs a repeat, stopping would cost the announcement. */
function parseRecord(text: string): AnnouncementRecord | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(Stored, json);
  if (!parsed.success) return undefined;
  const { versionId, announcement: body, payload: base64, ...rest } = parsed.output;
  const notice = readNotice(body, base64);
  if (body !== undefined && notice === undefined) return undefined;
  return { ...rest, versionId, announcement: notice?.announcement, payload: notice?.payload };
}

function readNotice(body: unknown, payload: unknown): Notice | undefined {
  const gone = parseGone(body);
  if (gone !== undefined) return { announcement: gone };
  const announcement = parseAnnouncement(body);
  return announcement && noticeOf(announcement, payload);
}
