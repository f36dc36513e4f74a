import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { expect, test } from "vitest";
import { bytesOf, describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";
import { post, postPolicy, send } from "./support/post-form.ts";

describeS3("POST forms", (s3) => {
  test("a form within its policy is stored", async () => {
    const reply = await post(s3, { Key: "plain", Conditions: [["content-length-range", 0, 1000]] });
    expect([200, 204]).toContain(reply.status);
    expect((await s3.bytes("plain")).toString()).toBe("post-body");
  });

  test("a file longer than the policy allows is refused, and nothing stored", async () => {
    const reply = await post(s3, { Key: "long", Conditions: [["content-length-range", 0, 5]] });
    expect(reply.status).toBe(400);
    expect(reply.body.toString()).toContain("EntityTooLarge");
    expect((await errorOf(s3.get("long"))).status).toBe(404);
  });

  test("a file shorter than the policy allows is refused", async () => {
    const reply = await post(s3, { Key: "short", Conditions: [["content-length-range", 100, 200]] });
    expect(reply.status).toBe(400);
    expect(reply.body.toString()).toContain("EntityTooSmall");
  });

  test("another key than the policy names is refused", async () => {
    expect((await post(s3, { Key: "named" }, (fields) => ({ ...fields, key: "other" }))).status).toBe(403);
  });

  test("a wrong signature is refused", async () => {
    const reply = await post(s3, { Key: "forged" }, (fields) => ({
      ...fields,
      "X-Amz-Signature": "0".repeat(64),
    }));
    expect(reply.status).toBe(403);
  });

  test("a field that no condition covers is refused", async () => {
    expect(
      (await post(s3, { Key: "extra" }, (fields) => ({ ...fields, "x-amz-meta-evil": "1" }))).status,
    ).toBe(403);
  });

  test("an expired policy is refused", async () => {
    const { url, fields } = await createPresignedPost(s3.client, {
      Bucket: s3.bucket,
      Key: "late",
      Expires: -2,
    });
    expect((await send(s3, url, fields)).status).toBe(403);
  });

  test("the file's own name, a prefix condition, metadata, and an answer in XML", async () => {
    const reply = await post(
      s3,
      {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what forms write
        Key: "folder/${filename}",
        Conditions: [["starts-with", "$Content-Type", "text/"], { "x-amz-meta-a": "b" }],
        Fields: { success_action_status: "201", "x-amz-meta-a": "b" },
      },
      (fields) => ({ ...fields, "Content-Type": "text/plain" }),
    );
    expect(reply.status).toBe(201);
    expect(reply.body.toString()).toMatch(/<PostResponse>.*<Key>folder\/my file.txt<\/Key>/s);
    const got = await s3.get("folder/my file.txt");
    expect(got).toMatchObject({ ContentType: "text/plain", Metadata: { a: "b" } });
    await bytesOf(got);
  });

  test("a policy speaks of the key with the file's own name in it", async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what forms write
    const key = "named/${filename}";
    const use = (fields: Record<string, string>) => ({ ...fields, key });
    expect((await post(s3, { Key: "named/my file.txt" }, use)).status).toBe(204);
    expect((await s3.bytes("named/my file.txt")).toString()).toBe("post-body");
    expect((await post(s3, { Key: "named/other.txt" }, use)).status).toBe(403);
  });

  test.each([
    ["with milliseconds", 204, (time: string) => time],
    ["without milliseconds", 204, (time: string) => time.replace(/\.\d{3}Z$/, "Z")],
    ["without seconds", 400, (time: string) => time.replace(/:\d\d\.\d{3}Z$/, "Z")],
    ["in another zone", 400, (time: string) => time.replace("Z", "+00:00")],
    ["without a zone", 400, (time: string) => time.replace("Z", "")],
    ["with a blank", 400, (time: string) => time.replace("T", " ")],
    ["as HTTP writes it", 400, (time: string) => new Date(time).toUTCString()],
  ])("a policy that expires at a time %s: %d", async (_, status, format) => {
    const expiration = format(new Date(Date.now() + 60_000).toISOString());
    const reply = await postPolicy(s3, { expiration, key: "timed" });
    expect(reply.status).toBe(status);
    if (status === 400) expect(reply.body.toString()).toContain("InvalidPolicyDocument");
  });

  test("a redirect carries bucket, key and etag", async () => {
    const success_action_redirect = "http://console.example/done?x=1";
    const reply = await post(s3, { Key: "redirected", Fields: { success_action_redirect } });
    expect(reply.status).toBe(303);
    const location = new URL(reply.headers.location ?? "");
    expect(location.searchParams.get("x")).toBe("1");
    expect(location.searchParams.get("key")).toBe("redirected");
    expect(location.searchParams.get("etag")).toMatch(/^"[0-9a-f]{32}"$/);
  });
});
