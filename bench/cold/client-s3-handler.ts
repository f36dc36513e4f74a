import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";

const s3 = new S3Client({ forcePathStyle: true });

/** The least that a file server on client-s3 could be: one ranged read, no token, no logger, no errors. */
export async function handler(): Promise<number> {
  const { Body } = await s3.send(
    new GetObjectCommand({ Bucket: process.env.FILES_BUCKET, Key: "file", Range: "bytes=0-5999" }),
  );
  const bytes = await Body?.transformToByteArray();
  return bytes?.length ?? 0;
}
