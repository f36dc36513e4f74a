import { randomBytes } from "node:crypto";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { beforeAll, expect, test } from "vitest";
import { describeS3 } from "./support/describe-s3.ts";

describeS3("presigned URLs", (s3) => {
  const object = randomBytes(10_000);
  const getUrl = (more: object = {}, expiresIn = 60) =>
    getSignedUrl(s3.client, new GetObjectCommand({ Bucket: s3.bucket, Key: "object", ...more }), {
      expiresIn,
    });
  const putUrl = (Key: string, client: S3Client, settings: object = {}, more: object = {}) =>
    getSignedUrl(client, new PutObjectCommand({ Bucket: s3.bucket, Key, ...more }), {
      expiresIn: 60,
      ...settings,
    });
  const put = (url: string, headers: Record<string, string> = {}) =>
    s3.http(url, { method: "PUT", body: object, headers: { "content-length": object.length, ...headers } });
  beforeAll(async () => {
    await s3.put("object", object);
  });

  test("GET", async () => {
    const reply = await s3.http(await getUrl());
    expect(reply.status).toBe(200);
    expect(reply.body.equals(object)).toBe(true);
  });

  test("GET with a range that the signature does not cover", async () => {
    const reply = await s3.http(await getUrl(), { headers: { range: "bytes=5-14" } });
    expect(reply.status).toBe(206);
    expect(reply.headers["content-range"]).toBe("bytes 5-14/10000");
    expect(reply.body.equals(object.subarray(5, 15))).toBe(true);
  });

  test("HEAD", async () => {
    const url = await getSignedUrl(
      s3.client,
      new HeadObjectCommand({ Bucket: s3.bucket, Key: "object" }),
      {},
    );
    const reply = await s3.http(url, { method: "HEAD" });
    expect(reply).toMatchObject({ status: 200, headers: { "content-length": "10000" } });
  });

  test("expired", async () => {
    const signingDate = new Date(Date.now() - 5_000);
    const signedBefore = (expiresIn: number) =>
      getSignedUrl(s3.client, new GetObjectCommand({ Bucket: s3.bucket, Key: "object" }), {
        signingDate,
        expiresIn,
      });
    expect((await s3.http(await signedBefore(60))).status).toBe(200);
    expect((await s3.http(await signedBefore(2))).status).toBe(403);
  });

  test("tampered with: another key, another signature", async () => {
    const url = await getUrl();
    expect((await s3.http(url.replace("/object", "/other"))).status).toBe(403);
    expect((await s3.http(url.replace(/Signature=[0-9a-f]{4}/, "Signature=0000"))).status).toBe(403);
  });

  test("headers that are not signed but begin with x-amz- are refused", async () => {
    const reply = await s3.http(await getUrl(), { headers: { "x-amz-checksum-mode": "ENABLED" } });
    expect(reply.status).toBe(403);
  });

  test("the response's headers, as the URL asks for them", async () => {
    const url = await getUrl({
      ResponseContentDisposition: 'attachment; filename="x y.bin"',
      ResponseContentType: "application/zip",
      ResponseCacheControl: "no-store",
    });
    expect(await s3.http(url)).toMatchObject({
      status: 200,
      headers: {
        "content-disposition": 'attachment; filename="x y.bin"',
        "content-type": "application/zip",
        "cache-control": "no-store",
      },
    });
  });

  test("PUT, with the SDK's default of an empty body's checksum in the query", async () => {
    const url = await putUrl("put-default", s3.client, {}, { ContentType: "text/plain" });
    expect((await put(url, { "content-type": "text/plain" })).status).toBe(200);
    expect((await s3.bytes("put-default")).equals(object)).toBe(true);
  });

  test("PUT without a checksum, as a browser sends it", async () => {
    const url = await putUrl("put-plain", s3.connect({ requestChecksumCalculation: "WHEN_REQUIRED" }));
    expect((await put(url)).status).toBe(200);
    expect((await s3.bytes("put-plain")).equals(object)).toBe(true);
  });

  test("PUT with another type than was signed", async () => {
    const settings = { signableHeaders: new Set(["content-type"]) };
    const url = await putUrl("put-type", s3.client, settings, { ContentType: "text/plain" });
    expect((await put(url, { "content-type": "image/png" })).status).toBe(403);
  });
});
