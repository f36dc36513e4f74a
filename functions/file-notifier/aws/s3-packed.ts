import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { type Packed, packedKey } from "../../../protocol/packed.ts";
import type { PackedStore } from "../ports.ts";
import { isFailure } from "./s3-failure.ts";

/** Frames and patches as objects of the packed bucket, each written once. docs/adr/0010-what-is-packed-and-how-hard.md */
export function createS3Packed(s3: S3Client, bucket: string): PackedStore {
  return { size, read, add };

  async function size(packed: Packed, signal: AbortSignal): Promise<number | undefined> {
    try {
      const command = new HeadObjectCommand({ Bucket: bucket, Key: packedKey(packed) });
      return (await s3.send(command, { abortSignal: signal })).ContentLength;
    } catch (error) {
      if (isFailure(error, [404])) return undefined;
      throw error;
    }
  }

  async function read(packed: Packed, signal: AbortSignal): Promise<Uint8Array> {
    const command = new GetObjectCommand({ Bucket: bucket, Key: packedKey(packed) });
    const { Body } = await s3.send(command, { abortSignal: signal });
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  }

  async function add(packed: Packed, bytes: Uint8Array, signal: AbortSignal): Promise<number | undefined> {
    const command = new PutObjectCommand({
      ...{ Bucket: bucket, Key: packedKey(packed), IfNoneMatch: "*" },
      ...{ Body: bytes, ContentType: "application/octet-stream" },
    });
    try {
      await s3.send(command, { abortSignal: signal });
      return bytes.length;
    } catch (error) {
      // 412: somebody was faster, maybe with other bytes; 409: somebody is about to be.
      if (!isFailure(error, [409, 412])) throw error;
      return await size(packed, signal);
    }
  }
}
