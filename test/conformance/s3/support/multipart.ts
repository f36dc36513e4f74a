import {
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { S3UnderTest } from "./describe-s3.ts";

export const MIB = 1024 * 1024;

export type PartNamed = { PartNumber: number; ETag: string | undefined };

/** Begins a multipart upload. */
export async function begin(
  s3: S3UnderTest,
  Key: string,
  more: Partial<CreateMultipartUploadCommandInput> = {},
) {
  const { UploadId } = await s3.client.send(
    new CreateMultipartUploadCommand({ Bucket: s3.bucket, Key, ...more }),
  );
  const upload = { Bucket: s3.bucket, Key, UploadId };
  const { ChecksumAlgorithm } = more; // a part's must be the upload's
  const part = (PartNumber: number, Body: Buffer | string) =>
    s3.client.send(new UploadPartCommand({ ...upload, PartNumber, Body, ChecksumAlgorithm }));
  return {
    upload,
    part,
    /** All parts in order, from number 1. */
    async parts(...bodies: Buffer[]): Promise<PartNamed[]> {
      const replies = await Promise.all(bodies.map((body, index) => part(index + 1, body)));
      return replies.map((reply, index) => ({ ...reply, PartNumber: index + 1, ETag: reply.ETag }));
    },
    complete: (Parts: PartNamed[], extra: Partial<CompleteMultipartUploadCommandInput> = {}) =>
      s3.client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, ...extra })),
  };
}
