import { GetObjectCommand, PutBucketCorsCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { beforeAll, expect, test } from "vitest";
import { describeS3 } from "./support/describe-s3.ts";

describeS3("CORS", (s3) => {
  beforeAll(async () => {
    const rule = {
      AllowedOrigins: ["https://console.example"],
      AllowedMethods: ["PUT", "POST", "GET", "HEAD"],
      AllowedHeaders: ["*"],
      ExposeHeaders: ["ETag", "x-amz-version-id"],
      MaxAgeSeconds: 300,
    };
    const CORSConfiguration = { CORSRules: [rule] };
    await s3.client.send(new PutBucketCorsCommand({ Bucket: s3.bucket, CORSConfiguration }));
  });
  const preflight = (origin: string) =>
    s3.http(`${s3.target.endpoint}/${s3.bucket}/some/key`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "PUT",
        "access-control-request-headers": "content-type,x-amz-meta-a",
      },
    });

  test("a preflight from an allowed origin", async () => {
    const reply = await preflight("https://console.example");
    expect(reply.status).toBe(200);
    expect(reply.headers["access-control-allow-origin"]).toBe("https://console.example");
    expect(reply.headers["access-control-allow-methods"]).toContain("PUT");
    expect(reply.headers["access-control-allow-headers"]).toMatch(/content-type/i);
    expect(reply.headers["access-control-max-age"]).toBe("300");
  });

  test("a preflight from another origin is refused", async () => {
    expect((await preflight("https://evil.example")).status).toBe(403);
  });

  test("a preflight without an origin or a method is no preflight", async () => {
    const url = `${s3.target.endpoint}/${s3.bucket}/some/key`;
    const method = { "access-control-request-method": "PUT" };
    expect((await s3.http(url, { method: "OPTIONS" })).status).toBe(400);
    expect((await s3.http(url, { method: "OPTIONS", headers: method })).status).toBe(400);
    const origin = { origin: "https://console.example" };
    expect((await s3.http(url, { method: "OPTIONS", headers: origin })).status).toBe(400);
  });

  test("a reply lets a page of an allowed origin read it", async () => {
    await s3.put("object");
    const url = await getSignedUrl(s3.client, new GetObjectCommand({ Bucket: s3.bucket, Key: "object" }));
    const reply = await s3.http(url, { headers: { origin: "https://console.example" } });
    expect(reply.status).toBe(200);
    expect(reply.headers["access-control-allow-origin"]).toBe("https://console.example");
    expect(reply.headers["access-control-expose-headers"]).toMatch(/etag/i);
    const elsewhere = await s3.http(url, { headers: { origin: "https://evil.example" } });
    expect(elsewhere.headers["access-control-allow-origin"]).toBeUndefined();
  });
});
