import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { packedKey } from "../../../protocol/packed.ts";
import type { ManifestStore } from "../fleet/ports.ts";
import { isFailure } from "./s3-failure.ts";

/** Manifests, their frames and the steps between them, as objects of the packed bucket beside the contents. [NF-11.6] */
export function createS3Manifests(s3: S3Client, bucket: string): ManifestStore {
  return {
    async find(packed, signal) {
      try {
        const command = new GetObjectCommand({ Bucket: bucket, Key: packedKey(packed) });
        const { Body } = await s3.send(command, { abortSignal: signal });
        return await Body?.transformToByteArray();
      } catch (error) {
        if (isFailure(error, [404])) return undefined;
        throw error;
      }
    },

    async store(packed, bytes, signal) {
      const command = new PutObjectCommand({
        ...{ Bucket: bucket, Key: packedKey(packed) },
        ...{ Body: bytes, ContentType: "application/octet-stream" },
      });
      await s3.send(command, { abortSignal: signal });
    },

    async remove(packed, signal) {
      const command = new DeleteObjectCommand({ Bucket: bucket, Key: packedKey(packed) });
      await s3.send(command, { abortSignal: signal });
    },
  };
}
