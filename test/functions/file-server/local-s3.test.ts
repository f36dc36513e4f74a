import { describe, expect, test } from "vitest";
import { parseChunk } from "../../../protocol/chunk.ts";
import { encodeKey } from "../../../protocol/query.ts";
import { bytesOf } from "./support/file-server-under-test.ts";
import { startServerOnLocalS3 } from "./support/server-on-local-s3.ts";

const { put, call, seen, permissions } = await startServerOnLocalS3();

describe("against the local S3, which verifies every signature", () => {
  test.each(["plain.py", "with space", "a+b", "100%25", "ünï/語/😀", "x:y", "a//b", "!'()*&=?#;,~"])(
    "[NF-3.5] %s comes back, a request a chunk",
    async (key) => {
      const bytes = Buffer.from(Array.from({ length: 13_000 }, (_, index) => (index * 31) % 251));
      const { etag } = await put(key, bytes);
      const parts: Buffer[] = [];
      for (const chunk of [1, 2, 3]) {
        const query = `file=${encodeKey(key)}&chunk=${chunk}&size=6000&etag=${etag}`;
        const parsed = parseChunk(JSON.parse((await call({ query })).body));
        expect(parsed).toMatchObject({ totalChunks: 3, etag });
        parts.push(parsed?.bytes ?? Buffer.alloc(0));
      }
      expect(Buffer.concat(parts).equals(bytes)).toBe(true);
      expect(seen).toHaveLength(3);
      expect(seen.reduce((sum, { bytesOut }) => sum + bytesOut, 0)).toBe(bytes.length);
      const whole = await call({ path: `/files/${encodeKey(key)}` });
      expect(bytesOf(whole).equals(bytes)).toBe(true);
    },
  );

  test("[NF-3.6] an empty file, and the ranges it has not", async () => {
    const { etag } = await put("empty", Buffer.alloc(0));
    const reply = await call({ query: "file=empty" });
    expect(JSON.parse(reply.body)).toMatchObject({ payload: "", total_chunks: 1, etag });
    expect(seen).toHaveLength(2);
    for (const range of ["bytes=0-0", "bytes=-1", "bytes=0-"]) {
      const refused = await call({ path: "/files/empty", headers: { range } });
      expect([refused.statusCode, refused.headers["Content-Range"]]).toEqual([416, "bytes */0"]);
    }
  });

  test("[NF-3.7] [NF-5.7] 404, 412, 416 and HEAD", async () => {
    const { etag } = await put("f", Buffer.from("0123456789"));
    const statuses = [
      await call({ query: "file=missing" }),
      await call({ query: "file=f&etag=0123" }),
      await call({ query: "file=f&etag=0123&chunk=2" }), // the condition goes before the range
      await call({ query: `file=f&etag=${etag}&chunk=2` }),
      await call({ path: "/files/f", method: "HEAD" }),
      await call({ path: "/files/missing", method: "HEAD" }),
    ].map(({ statusCode }) => statusCode);
    expect(statuses).toEqual([404, 412, 412, 416, 200, 404]);
  });

  test("a role without permission is a fault, not a missing file", async () => {
    await put("f", Buffer.from("x"));
    permissions.allowed = false;
    const { statusCode } = await call({ query: "file=f" });
    permissions.allowed = true;
    expect(statusCode).toBe(503);
  });
});
