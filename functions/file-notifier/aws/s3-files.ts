import { Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { unquoteEtag } from "../../../protocol/etag.ts";
import { RELEASE_METADATA, SHARE_METADATA } from "../../../protocol/share.ts";
import type { KeyLooks } from "../fleet/ports.ts";
import type { StoredVersion } from "../message/file-version.ts";
import { Undeliverable } from "../outcome/undeliverable.ts";
import type { FileStore, OpenFile } from "../ports.ts";

/** The files bucket over the S3 API; each event names its bucket. */
export function createS3Files(s3: S3Client): FileStore & KeyLooks {
  return {
    async currentVersionId(of, signal) {
      const found = await head(of, signal);
      return found && (found.VersionId ?? "null");
    },

    async look(of, signal) {
      const found = await head(of, signal);
      if (found === undefined) return undefined;
      const { VersionId: versionId = "null", ContentLength: size = 0, Metadata } = found;
      return { versionId, size, share: Metadata?.[SHARE_METADATA], release: Metadata?.[RELEASE_METADATA] };
    },

    /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
    async open(version, signal) {
      const command = new GetObjectCommand({ Bucket: version.bucket, Key: version.key, ...pin(version) });
      const reply = await unlessGone(s3.send(command, { abortSignal: signal }));
      if (reply === undefined) return undefined;
      const body = reply.Body;
      if (!(body instanceof Readable)) throw new Error("the SDK gave no Node.js stream");
      const etag = unquoteEtag(reply.ETag ?? "");
      if (reply.ContentLength === undefined || etag === undefined) {
        body.destroy();
        throw new Undeliverable("S3 gave the file no size, or an ETag that no announcement can carry");
      }
      return openFile(body, reply.ContentLength, etag);
    },
  };

  /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
  async function head({ bucket, key }: { bucket: string; key: string }, signal: AbortSignal) {
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
    return await unlessGone(s3.send(command, { abortSignal: signal }));
  }
}

function openFile(body: Readable, size: number, etag: string): OpenFile {
  return { size, etag, bytes: counted(body, size), discard: () => body.destroy() };
}

async function* counted(body: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const bytes of body) {
    read += bytes.length;
    yield bytes;
  }
  if (read !== size) throw new Error(`S3 sent ${read} of the file's ${size} bytes`);
}

/** A bucket that keeps no versions has only one, which has no id. */
function pin({ versionId }: StoredVersion): { VersionId?: string } {
  return versionId === "null" ? {} : { VersionId: versionId };
}

/** 404: no such key or version; 405: the version is a delete marker. A missing bucket is a fault, and retried. */
async function unlessGone<T>(reply: Promise<T>): Promise<T | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (!(error instanceof S3ServiceException) || error.name === "NoSuchBucket") throw error;
    const status = error.$metadata.httpStatusCode;
    if (status === 404 || status === 405) return undefined;
    throw error;
  }
}
