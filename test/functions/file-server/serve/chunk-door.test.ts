import { describe, expect, test } from "vitest";
import { JSON_REPLY_MAX_BYTES } from "../../../../protocol/limits.ts";
import { encodeKey } from "../../../../protocol/query.ts";
import { chunkDoor, numbered, serverForAllTests } from "../support/doors.ts";
import { headOf } from "../support/file-server-under-test.ts";

const server = await serverForAllTests();
const { getChunk, getError } = chunkDoor(server);

describe("[NF-3.4] [NF-3.5] a file comes back from its chunks, each one request for exactly its bytes", () => {
  test.each([
    [1, 250],
    [249, 250],
    [250, 250],
    [251, 250],
    [500, 250],
    [6000, 6000],
    [6001, 6000],
    [100_003, 6000],
    [7, 1],
  ])("%i bytes in chunks of %i", async (length, size) => {
    const { bytes, etag } = server.aws.put("f", numbered(length));
    const chunks = Math.ceil(length / size);
    const parts: Buffer[] = [];
    for (let n = 1; n <= chunks; n++) {
      const chunk = await getChunk(`file=f&chunk=${n}&size=${size}&etag=${etag}`);
      expect(chunk).toMatchObject({ chunk: n, totalChunks: chunks, etag });
      parts.push(chunk.bytes);
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect(server.aws.s3Requests).toHaveLength(chunks);
    expect(server.aws.s3Bytes).toBe(length);
    const asked = server.aws.s3Requests.map(({ headers }) => headers.range);
    expect(asked[0]).toBe(`bytes=0-${size - 1}`);
    expect(asked.at(-1)).toBe(`bytes=${(chunks - 1) * size}-${chunks * size - 1}`);
    expect(await getError({ query: `file=f&chunk=${chunks + 1}&size=${size}` })).toEqual([
      416,
      "out-of-range",
    ]);
    expect(server.aws.s3Requests).toHaveLength(chunks + 1);
  });

  test("the original sample's members, with the checksum of the text", async () => {
    const { etag } = server.aws.put("hello.txt", "hello");
    const reply = await server.call({ query: "file=hello.txt" });
    expect(JSON.parse(reply.body)).toEqual({
      payload: "aGVsbG8=",
      crc32: 929_501_545,
      chunk_num: 1,
      total_chunks: 1,
      etag,
    });
  });

  test("[NF-3.1] chunk defaults to 1 and size to 250", async () => {
    server.aws.put("f", numbered(600));
    expect(await getChunk("file=f")).toMatchObject({ chunk: 1, totalChunks: 3, bytes: numbered(250) });
  });

  test("the largest reply stays within what a Notecard takes", async () => {
    const etag = `${"f".repeat(32)}-10000`;
    const size = 6000;
    server.aws.files.set("f", { bytes: Buffer.alloc(size * 3, 0xff), etag });
    const reply = await server.call({ query: `file=f&chunk=2&size=${size}&etag=${etag}` });
    expect(reply.statusCode).toBe(200);
    // What the longest numbers and etag would add to this reply, which is otherwise the largest there is.
    const longest = reply.body.length + 2 * "9999999999".length + (64 - etag.length);
    expect(longest).toBeLessThanOrEqual(JSON_REPLY_MAX_BYTES);
    expect(headOf(reply).length).toBeLessThan(600);
  });
});

describe("[NF-3.6] an empty file", () => {
  test("is one empty chunk, of one request where its etag is known", async () => {
    const { etag } = server.aws.put("f", "");
    const reply = await server.call({ query: `file=f&etag=${etag}` });
    expect(JSON.parse(reply.body)).toEqual({ payload: "", crc32: 0, chunk_num: 1, total_chunks: 1, etag });
    expect(server.aws.s3Requests).toHaveLength(1);
  });

  test.each(["/", "/sample"])("takes a second request where it is not: %s", async (path) => {
    const { etag } = server.aws.put("f", "");
    expect(await getChunk("file=f", path)).toEqual({
      bytes: Buffer.alloc(0),
      chunk: 1,
      totalChunks: 1,
      etag,
    });
    expect(server.aws.s3Requests.map(({ method }) => method)).toEqual(["GET", "HEAD"]);
  });

  test("has no second chunk", async () => {
    server.aws.put("f", "");
    expect(await getError({ query: "file=f&chunk=2" })).toEqual([416, "out-of-range"]);
    expect(await getError({ path: "/sample", query: "file=f&chunk=2" })).toEqual([416, "out-of-range"]);
  });

  test("that is replaced or deleted between the two requests is never mixed with what follows", async () => {
    const replaceAfterFirst = (replace: () => void) => {
      server.aws.put("f", "");
      server.aws.s3Faults.push((_request, response) => {
        response
          .writeHead(416)
          .end("<Error><Code>InvalidRange</Code><ActualObjectSize>0</ActualObjectSize></Error>");
        replace();
      });
    };
    replaceAfterFirst(() => server.aws.put("f", "no longer empty"));
    expect(await getError({ query: "file=f" })).toEqual([503, "try-again"]);
    replaceAfterFirst(() => server.aws.files.delete("f"));
    expect(await getError({ query: "file=f" })).toEqual([404, "file-not-found"]);
  });
});

describe("[NF-3.7] versions", () => {
  test("a file replaced during the download is 412 for the old etag, and shows the new one to nobody", async () => {
    const old = server.aws.put("f", numbered(600));
    expect((await getChunk(`file=f&chunk=1&etag=${old.etag}`)).etag).toBe(old.etag);
    const { etag } = server.aws.put("f", numbered(601));
    const reply = await server.call({ query: `file=f&chunk=2&etag=${old.etag}` });
    expect(reply.statusCode).toBe(412);
    expect(JSON.parse(reply.body).err).toMatch(/\{file-changed\}$/);
    expect(JSON.stringify(reply)).not.toContain(etag); // [NF-6.3]
  });

  test("the etag is pinned in the same request that reads the bytes", async () => {
    const { etag } = server.aws.put("f", "x");
    await getChunk(`file=f&etag=${etag}`);
    expect(server.aws.s3Requests.map(({ headers }) => headers["if-match"])).toEqual([`"${etag}"`]);
  });
});

describe("[NF-7.2] files of a device or fleet", () => {
  test.each(["devices/dev:864475000000000/main.py", "fleets/fleet:abc/main.py", "devices/", "fleets/x"])(
    "%s only with its etag; without, with another, or without a file the reply is the same",
    async (key) => {
      const { etag } = server.aws.put(key, "secret");
      const query = `file=${encodeKey(key)}&size=6000`;
      expect((await getChunk(`${query}&etag=${etag}`)).bytes.toString()).toBe("secret");
      const without = await server.call({ query });
      const wrong = await server.call({ query: `${query}&etag=0123456789abcdef` });
      const pastTheEnd = await server.call({ query: `${query}&chunk=2&etag=0123456789abcdef` });
      server.aws.files.delete(key);
      const missing = await server.call({ query: `${query}&etag=${etag}` });
      const other = await server.call({ query: "file=no-such-file" });
      expect(missing.statusCode).toBe(404);
      expect([without, wrong, pastTheEnd, other]).toEqual([missing, missing, missing, missing]);
    },
  );
});

describe("[NF-4.1] [NF-4.2] the sample's door", () => {
  test("chunks of 249 bytes whatever is asked, and one more that is empty", async () => {
    const { bytes, etag } = server.aws.put("f", numbered(600));
    const chunks = await Promise.all(
      [1, 2, 3].map((n) => getChunk(`file=f&chunk=${n}&size=6000`, "/sample")),
    );
    expect(Buffer.concat(chunks.map((chunk) => chunk.bytes)).equals(bytes)).toBe(true);
    expect(chunks.map(({ totalChunks }) => totalChunks)).toEqual([4, 4, 4]);
    server.aws.s3Requests.length = 0;
    const last = await server.call({ path: "/sample", query: "file=f&chunk=4" });
    expect(JSON.parse(last.body)).toEqual({ payload: "", crc32: 0, chunk_num: 4, total_chunks: 4 });
    expect(await getChunk(`file=f&chunk=4&etag=${etag}`, "/sample")).toMatchObject({ etag });
    expect(server.aws.s3Requests).toHaveLength(2);
    expect(await getError({ path: "/sample", query: "file=f&chunk=5" })).toEqual([416, "out-of-range"]);
  });

  test("a file of one chunk is one chunk", async () => {
    server.aws.put("f", numbered(249));
    expect(await getChunk("file=f", "/sample")).toMatchObject({ totalChunks: 1 });
    expect(await getError({ path: "/sample", query: "file=f&chunk=2" })).toEqual([416, "out-of-range"]);
  });
});
