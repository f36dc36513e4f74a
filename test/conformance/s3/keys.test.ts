import { randomBytes } from "node:crypto";
import { DeleteObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { describeS3 } from "./support/describe-s3.ts";
import { errorOf } from "./support/error-of.ts";

const AWKWARD = [
  ..."sp ace|uni-ключ-日本-é|emoji-😀|plus+plus|percent%41%zz|a%2Fb|dots/../up|../escape|./dot|a//b|trail/".split(
    "|",
  ),
  ..."/leading|q?x=1&y=2|hash#tag|colon:semi;|back\\slash|quote\"'`|<xml>&amp;|tab\tkey|~tilde|con/aux.txt".split(
    "|",
  ),
  ...".hidden|_underscore|@at=eq,comma$|CASE|case|nfc-\u00e9|nfd-e\u0301|new\nline|carriage\rreturn".split(
    "|",
  ),
  "star*pipe|",
  "x".repeat(255),
  `d/${"y".repeat(900)}`,
];

describeS3("keys", (s3) => {
  const remove = (Key: string) => s3.client.send(new DeleteObjectCommand({ Bucket: s3.bucket, Key }));

  test.each(AWKWARD.map((key) => [`w/${key}`]))("%j is stored, listed, read and deleted", async (key) => {
    const bytes = randomBytes(20);
    await s3.put(key, bytes);
    expect((await s3.bytes(key)).equals(bytes)).toBe(true);
    const page = await s3.client.send(
      new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: key, EncodingType: "url" }),
    );
    const listed = (page.Contents ?? []).map(({ Key }) =>
      decodeURIComponent((Key ?? "").replaceAll("+", " ")),
    );
    expect(listed).toContain(key);
    await remove(key);
    expect((await errorOf(s3.get(key))).status).toBe(404);
  });

  test("keys that look like places above, and files that are folders too", async () => {
    const keys = ["/leading", "..", ".", "a", "a/", "a/b", "x/y", "x"];
    for (const key of keys) await s3.put(key, `bytes of ${key}`);
    for (const key of keys) expect((await s3.bytes(key)).toString()).toBe(`bytes of ${key}`);
    await remove("a");
    expect((await s3.bytes("a/b")).toString()).toBe("bytes of a/b");
  });

  test("a key of more than 1024 bytes is refused", async () => {
    expect((await errorOf(s3.put("k".repeat(1025), "x"))).status).toBe(400);
  });
});
