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
