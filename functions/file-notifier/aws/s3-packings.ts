import { createHash, randomUUID } from "node:crypto";
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import * as v from "valibot";
import { formatPayload } from "../announce/notice.ts";
import type { Outcome, PackAttempt } from "../pack/attempt.ts";
import { CONTENTS_MAX } from "../pack/contents.ts";
import type { PackingRecords } from "../ports.ts";
import { isFailure } from "./s3-failure.ts";

const Sha256 = v.pipe(v.string(), v.regex(/^[0-9A-Za-z_-]{43}$/));
const Bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const Contents = v.pipe(
  v.array(v.object({ sha256: Sha256, size: Bytes, versionId: v.pipe(v.string(), v.nonEmpty()) })),
  v.maxLength(CONTENTS_MAX),
);

const Begun = v.object({ id: v.string() });

const Done = v.object({
  zstd: v.optional(Bytes),
  patches: v.pipe(v.array(v.object({ base: Sha256, bytes: Bytes })), v.maxLength(CONTENTS_MAX)),
  payload: v.optional(
    v.object({
      base: Sha256,
      patch: v.pipe(
        v.string(),
        v.base64(),
        v.transform((text): Uint8Array => Buffer.from(text, "base64")),
      ),
    }),
  ),
});

/** What is known of packings, as objects of the packed bucket beside what was made. Its lifecycle forgets them. */
export function createS3Packings(s3: S3Client, bucket: string): PackingRecords {
  return {
    async readContents(key, signal) {
      const { json, tag } = await read(contentsKey(key), signal);
      const parsed = v.safeParse(Contents, json);
      // What cannot be read is written over: forgetting costs a patch.
      return { contents: parsed.success ? parsed.output : [], tag };
    },

    async writeContents(key, contents, over, signal) {
      const condition = over === undefined ? { IfNoneMatch: "*" } : { IfMatch: over };
      return await write(contentsKey(key), contents, condition, signal);
    },

    async begin(attempt, signal) {
      const name = attemptKey(attempt);
      const id = randomUUID();
      if (await write(name, { id }, { IfNoneMatch: "*" }, signal)) return { ours: true };
      const { json } = await read(name, signal);
      const done = v.safeParse(Done, json);
      if (done.success) return { ours: false, outcome: done.output };
      // The reply to our write was lost, and the SDK's own retry of it met what we had written.
      const ours = v.is(Begun, json) && json.id === id;
      return ours ? { ours } : { ours: false, outcome: undefined };
    },

    async end(attempt, outcome, signal) {
      await write(attemptKey(attempt), toJson(outcome), {}, signal);
    },
  };

  async function read(
    name: string,
    signal: AbortSignal,
  ): Promise<{ json: unknown; tag: string | undefined }> {
    try {
      const command = new GetObjectCommand({ Bucket: bucket, Key: name });
      const { Body, ETag } = await s3.send(command, { abortSignal: signal });
      return { json: parseJson((await Body?.transformToString()) ?? ""), tag: ETag };
    } catch (error) {
      if (isFailure(error, [404])) return { json: undefined, tag: undefined };
      throw error;
    }
  }

  /** False if the condition is not met. */
  async function write(
    name: string,
    json: unknown,
    condition: { IfNoneMatch?: string; IfMatch?: string },
    signal: AbortSignal,
  ): Promise<boolean> {
    const command = new PutObjectCommand({
      ...{ Bucket: bucket, Key: name, Body: JSON.stringify(json), ContentType: "application/json" },
      ...condition,
    });
    try {
      await s3.send(command, { abortSignal: signal });
      return true;
    } catch (error) {
      // 412: written since; 409: being written; 404: expired since it was read.
      if (isFailure(error, [404, 409, 412])) return false;
      throw error;
    }
  }
}

/** A digest is never too long, and nothing hostile in a key gets into the name. */
function contentsKey(key: string): string {
  return `contents/${createHash("sha256").update(key).digest("base64url")}.json`;
}

/** With the newest base: a content that comes back after another needs another patch. */
function attemptKey({ key, sha256, after = "" }: PackAttempt): string {
  const digest = createHash("sha256").update(`${key}\0${sha256}\0${after}`).digest("base64url");
  return `attempts/${digest}.json`;
}

function toJson({ zstd, patches, payload }: Outcome): unknown {
  return {
    ...{ zstd, patches },
    payload: payload && { base: payload.base, patch: formatPayload(payload.patch) },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
