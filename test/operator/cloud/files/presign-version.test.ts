import { S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { presignVersion } from "../../../../operator/cloud/files/presign-version.ts";

const NOW = new Date("2026-11-28T12:00:00Z");
const HOUR_MS = 3_600_000;

/** Signed with credentials that end after so many hours; undefined: never. */
async function presigned(hours: number | undefined, expiresSeconds: number) {
  const expiration = hours === undefined ? {} : { expiration: new Date(NOW.getTime() + hours * HOUR_MS) };
  const credentials = { accessKeyId: "A", secretAccessKey: "B", sessionToken: "a token+", ...expiration };
  using client = new DisposableClient({ region: "eu-central-1", credentials: async () => credentials });
  const bucket = { client, bucket: "files", [Symbol.dispose]: () => undefined };
  const deployment = { name: "", local: false, outputs: {}, aws: {}, s3: {} };
  const { url, until } = await presignVersion(
    deployment,
    bucket,
    { key: "a b", versionId: "v", expiresSeconds },
    NOW,
  );
  return { url: new URL(url), hours: (until.getTime() - NOW.getTime()) / HOUR_MS };
}

class DisposableClient extends S3Client {
  [Symbol.dispose]() {
    this.destroy();
  }
}

test("it ends when it expires, or when the credentials do that signed it", async () => {
  expect((await presigned(undefined, 7200)).hours).toBe(2);
  expect((await presigned(3, 7200)).hours).toBe(2);
  expect((await presigned(1, 7200)).hours).toBe(1);
});

test("at AWS the bucket is in the host's name, and temporary credentials bring their token", async () => {
  const { url } = await presigned(1, 60);
  expect(url.host).toBe("files.s3.eu-central-1.amazonaws.com");
  expect(url.pathname).toBe("/a%20b");
  expect(url.searchParams.get("X-Amz-Security-Token")).toBe("a token+");
});
