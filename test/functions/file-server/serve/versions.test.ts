import { describe, expect, test } from "vitest";
import { parseChunk } from "../../../../protocol/chunk.ts";
import { bytesOf } from "../support/file-server-under-test.ts";
import { startServerOnLocalS3 } from "../support/server-on-local-s3.ts";

const { put, remove, call, seen, permissions } = await startServerOnLocalS3();

const errorOf = ({ statusCode, body }: { statusCode: number; body: string }) => [
  statusCode,
  /\{([a-z-]+)\}$/.exec(JSON.parse(body).err)?.[1],
];
const NOT_FOUND = [404, "file-not-found"];

describe.each(["app/main.py", "devices/dev:1/a b+c.py"])(
  "a version of %s by its id [NF-3.10] [NF-7.2]",
  (key) => {
    const path = `/files/${encodeURIComponent(key)}`;
    const file = `file=${encodeURIComponent(key)}`;

    test("is served whether it is current or not, by each door, in one request", async () => {
      const old = await put(key, "the old one");
      const current = await put(key, "the new one");
      for (const { version, etag } of [old, current]) {
        const content = version === old.version ? "the old one" : "the new one";
        seen.length = 0;
        const byRange = await call({ path, query: `version=${version}`, headers: { range: "bytes=4-6" } });
        expect([byRange.statusCode, bytesOf(byRange).toString()]).toEqual([206, content.slice(4, 7)]);
        const chunk = parseChunk(JSON.parse((await call({ query: `${file}&version=${version}` })).body));
        expect(chunk).toMatchObject({ etag, totalChunks: 1, bytes: Buffer.from(content) });
        const ofSample = await call({ path: "/sample", query: `${file}&version=${version}` });
        expect(parseChunk(JSON.parse(ofSample.body))?.bytes.toString()).toBe(content);
        expect(seen).toHaveLength(3);
        const head = await call({ path, method: "HEAD", query: `version=${version}` });
        expect(head.headers).toMatchObject({ ETag: `"${etag}"`, "Content-Length": "11" });
      }
    });

    test("is served after the key was deleted", async () => {
      const { version } = await put(key, "still there");
      const marker = await remove(key);
      expect(bytesOf(await call({ path, query: `version=${version}` })).toString()).toBe("still there");
      for (const method of ["GET", "HEAD"])
        expect((await call({ path, method, query: `version=${marker}` })).statusCode).toBe(404);
      expect(errorOf(await call({ query: `${file}&version=${marker}` }))).toEqual(NOT_FOUND);
    });

    test("with an etag has to have that etag", async () => {
      const old = await put(key, "old");
      const current = await put(key, "new");
      const both = (etag: string) => call({ query: `${file}&version=${old.version}&etag=${etag}` });
      expect((await both(old.etag)).statusCode).toBe(200);
      const refused = key.startsWith("devices/") ? NOT_FOUND : [412, "file-changed"];
      expect(errorOf(await both(current.etag))).toEqual(refused);
    });

    test("that is empty is an empty chunk, or an empty file", async () => {
      const { version, etag } = await put(key, "");
      await put(key, "no more");
      const chunk = JSON.parse((await call({ query: `${file}&version=${version}` })).body);
      expect(chunk).toMatchObject({ payload: "", total_chunks: 1, etag });
      const whole = await call({ path, query: `version=${version}` });
      expect([whole.statusCode, bytesOf(whole).length]).toEqual([200, 0]);
    });

    test.each(["x", "no-such-version", "~!$'()*,;:@%2F%3F", "%26versions", "a".repeat(64)])(
      "is 404 if the key does not have it: %s",
      async (version) => {
        await put(key, "content");
        await put("other", "of another key");
        expect(errorOf(await call({ query: `${file}&version=${version}` }))).toEqual(NOT_FOUND);
        expect(errorOf(await call({ path, query: `version=${version}` }))).toEqual(NOT_FOUND);
        expect((await call({ path, method: "HEAD", query: `version=${version}` })).statusCode).toBe(404);
      },
    );

    test("is 404 if it is another key's", async () => {
      await put(key, "content");
      const { version } = await put("other", "of another key");
      expect(errorOf(await call({ query: `${file}&version=${version}` }))).toEqual(NOT_FOUND);
    });

    test.each(["null", "", "a".repeat(65), "a%20b", "%00", "%0d%0a", "é", "x&version=y"])(
      "is 400 if it is none, and S3 is not asked: %j",
      async (version) => {
        await put(key, "content");
        expect(errorOf(await call({ query: `${file}&version=${version}` }))).toEqual([400, "bad-request"]);
        expect(errorOf(await call({ path, query: `version=${version}` }))).toEqual([400, "bad-request"]);
        expect(seen).toEqual([]);
      },
    );

    test("that the role may not read is a fault", async () => {
      const { version } = await put(key, "content");
      permissions.allowed = false;
      const { statusCode } = await call({ query: `${file}&version=${version}` });
      permissions.allowed = true;
      expect(statusCode).toBe(503);
    });
  },
);
