import { createHmac } from "node:crypto";
import { createPresignedPost, type PresignedPostOptions } from "@aws-sdk/s3-presigned-post";
import type { S3UnderTest } from "./describe-s3.ts";

/** A form as a browser posts it. `change` edits its fields after they were signed for. */
export async function post(
  s3: S3UnderTest,
  options: Omit<PresignedPostOptions, "Bucket">,
  change: (fields: Record<string, string>) => Record<string, string> = (fields) => fields,
) {
  const { url, fields } = await createPresignedPost(s3.client, {
    Bucket: s3.bucket,
    Expires: 60,
    ...options,
  });
  return await send(s3, url, change(fields));
}

/** A form with a policy as it stands, which the SDK would not write. */
export async function postPolicy(s3: S3UnderTest, { expiration, key }: { expiration: string; key: string }) {
  const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = [date.slice(0, 8), s3.target.region, "s3", "aws4_request"];
  const fields = {
    key,
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": [s3.target.accessKeyId, ...scope].join("/"),
    "x-amz-date": date,
  };
  const conditions = [
    { bucket: s3.bucket },
    ...Object.entries(fields).map(([name, value]) => ({ [name]: value })),
  ];
  const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString("base64");
  const hmac = (secret: string | Buffer, text: string) => createHmac("sha256", secret).update(text).digest();
  const signingKey = scope.reduce<string | Buffer>(hmac, `AWS4${s3.target.secretAccessKey}`);
  const signature = hmac(signingKey, policy).toString("hex");
  return await send(s3, `${s3.target.endpoint}/${s3.bucket}`, {
    ...fields,
    policy,
    "x-amz-signature": signature,
  });
}

export async function send(s3: S3UnderTest, url: string, fields: Record<string, string>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", new Blob(["post-body"], { type: "text/plain" }), "my file.txt");
  const encoded = new Response(form);
  const body = Buffer.from(await encoded.arrayBuffer());
  const headers = {
    "content-type": encoded.headers.get("content-type") ?? "",
    "content-length": body.length,
  };
  return await s3.http(url, { method: "POST", headers, body });
}
