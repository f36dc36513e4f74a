import { describe, expect, test } from "vitest";
import { encodeKey } from "../../../../protocol/query.ts";
import { chunkDoor, numbered, serverForAllTests } from "../support/doors.ts";

const server = await serverForAllTests();
const { getChunk, getError } = chunkDoor(server);

describe("keys", () => {
  test.each([
    "plain.py",
    "folder/with spaces.txt",
    "a+b",
    "100%",
    "100%25",
    "%2e%2e",
    "ünï/語/😀.bin",
    "C:/x:y",
    "a//b",
    "a&chunk=2",
    "q?x=1#y",
    "semi;colon,comma'quote\"(star)*!",
    "…".repeat(341),
  ])("[NF-3.3] %s", async (key) => {
    const { bytes } = server.aws.put(key, `content of ${key}`);
    const chunk = await getChunk(`file=${encodeKey(key)}&size=6000`);
    expect(chunk.bytes.equals(bytes)).toBe(true);
  });

  test("[NF-3.3] a plus is a plus, as the sample's hosts send it", async () => {
    server.aws.put("a+b c", "plus");
    expect((await getChunk("file=a+b%20c")).bytes.toString()).toBe("plus");
  });

  test("a key that S3 cannot hold is not asked for", async () => {
    expect(await getError({ query: `file=${"k".repeat(1025)}` })).toEqual([404, "file-not-found"]);
    expect(server.aws.s3Requests).toHaveLength(0);
  });

  test("[NF-3.9] [NF-7.2] no dots lead around the rule for private keys", async () => {
    server.aws.put("devices/dev:1/secret", "secret");
    for (const key of ["x/../devices/dev:1/secret", "./devices/dev:1/secret", "devices/./dev:1/secret"]) {
      expect(await getError({ query: `file=${encodeKey(key)}` })).toEqual([404, "file-not-found"]);
    }
    expect(server.aws.s3Requests).toHaveLength(0);
  });
});

describe("[NF-3.2] what is not a request for a chunk", () => {
  test.each([
    "",
    "chunk=1",
    "file=",
    "file=f&chunk=0",
    "file=f&chunk=01",
    "file=f&chunk=1e3",
    "file=f&chunk=-1",
    "file=f&chunk=+1",
    "file=f&chunk=abc",
    "file=f&chunk=",
    "file=f&chunk=1.0",
    "file=f&chunk=0x1",
    "file=f&chunk=12345678901",
    "file=f&chunk=99999999999999999999",
    "file=f&size=0",
    "file=f&size=6001",
    "file=f&size=abc",
    "file=f&file=g",
    "file=f&chunk=1&chunk=1",
    "file=f&etag=",
    "file=f&etag=%22abc%22",
    `file=f&etag=${"a".repeat(65)}`,
    "file=%",
    "file=%zz",
    "file=%ff%fe",
    "file=f&chunk=%E0%A4%A",
  ])("%s", async (query) => {
    server.aws.put("f", "x");
    expect(await getError({ query })).toEqual([400, "bad-request"]);
    expect(server.aws.s3Requests).toHaveLength(0);
  });

  test("[NF-3.5] a chunk number beyond any file costs one request", async () => {
    server.aws.put("f", "x");
    expect(await getError({ query: "file=f&chunk=9999999999&size=6000" })).toEqual([416, "out-of-range"]);
    expect(server.aws.s3Requests).toHaveLength(1);
  });

  test("[NF-3.1] other parameters are ignored", async () => {
    server.aws.put("f", "x");
    expect((await getChunk("file=f&cache=%&cache=2&x")).bytes.toString()).toBe("x");
  });
});

describe("[NF-3.8] doors", () => {
  test.each(["/", "//", "", "///"])("the chunk door is %s", async (path) => {
    server.aws.put("f", "x");
    expect((await getChunk("file=f", path)).bytes.toString()).toBe("x");
  });

  test.each(["/sample", "//sample", "/sample/", "/sample//"])("the sample's door is %s", async (path) => {
    server.aws.put("f", numbered(250));
    expect((await getChunk("file=f", path)).totalChunks).toBe(3);
  });

  test.each(["/x", "/favicon.ico", "/sample/x", "/Sample", "/file", "/index.html"])(
    "%s is none",
    async (path) => {
      expect(await getError({ path, query: "file=f" })).toEqual([404, "no-such-door"]);
    },
  );

  test.each(["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "get"])("%s is not served", async (method) => {
    expect(await getError({ method, query: "file=f" })).toEqual([405, "method"]);
    const reply = await server.call({ method, path: "/sample", query: "file=f" });
    expect([reply.statusCode, reply.headers.Allow]).toEqual([405, "GET"]);
  });
});
