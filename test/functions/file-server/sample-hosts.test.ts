import { crc32 } from "node:zlib";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FileServerUnderTest, startFileServer } from "./file-server-under-test.ts";

/** What the hosts read of a reply's body. */
const Body = v.union([
  v.object({ err: v.string() }),
  v.object({ payload: v.string(), crc32: v.number(), chunk_num: v.number(), total_chunks: v.number() }),
]);
type Body = v.InferOutput<typeof Body>;
type GetChunk = (chunk: number) => Promise<Body>;
type Host = (get: GetChunk) => Promise<string | undefined>;

let server: FileServerUnderTest;
beforeAll(async () => {
  server = await startFileServer();
});
afterAll(() => server.close());

/** `web.get` by the route `remoteFileDownloader`, whose URL ends in /sample; the name is put in as it is. */
function webGet(name: string, path = "/sample"): GetChunk {
  return async (chunk) => {
    const reply = await server.call({ path, query: `file=${name}&chunk=${chunk}` });
    return v.parse(Body, JSON.parse(reply.body));
  };
}

/** Python's b64decode: what follows the first padding is lost. */
function b64decode(text: string): Buffer {
  return Buffer.from(text.replace(/=.*$/s, ""), "base64");
}

/** `print(text, file=f)` appends one newline. */
function saved(bytes: Buffer): string {
  return `${bytes.toString("utf8")}\n`;
}

/** Joins texts before it decodes, never asks for the last chunk, checks nothing. */
const firstHost: Host = async (get) => {
  const first = await get(1);
  if ("err" in first) return undefined;
  if (first.total_chunks === 1) return saved(b64decode(first.payload));
  let text = first.payload;
  for (let chunk = first.chunk_num + 1; chunk < Math.trunc(first.total_chunks); chunk++) {
    const next = await get(chunk);
    if ("err" in next) return undefined;
    text += next.payload;
  }
  return saved(b64decode(text));
};

/** The first, with a checksum of the text; a wrong or missing one makes it ask for chunk 1 again, for ever. */
const secondHost: Host = (get) =>
  firstHost(async (chunk) => {
    const body = await get(chunk);
    if ("err" in body) throw new TypeError("the host crashes on an error");
    if (crc32(body.payload) !== body.crc32) throw new Error("the host asks for ever");
    return body;
  });

/** Decodes chunk by chunk and asks for all of them. */
const laterHost: Host = async (get) => {
  const parts: Buffer[] = [];
  for (let chunk = 1, total = 1; chunk <= total; chunk++) {
    const body = await get(chunk);
    if ("err" in body || crc32(body.payload) !== body.crc32) return undefined;
    total = body.total_chunks;
    parts.push(b64decode(body.payload));
  }
  return saved(Buffer.concat(parts));
};

const HOSTS: [string, Host][] = [
  ["the first host", firstHost],
  ["the second host", secondHost],
  ["the later host", laterHost],
];

/** ASCII, so that a length in bytes is one in characters. */
function ascii(length: number): string {
  return "print('ferry')  # chunk by chunk\n".repeat(1000).slice(0, length);
}

describe("[NF-4.1] [NF-4.2] every published generation of the sample's host gets the exact file", () => {
  for (const [name, host] of HOSTS) {
    test.each([1, 248, 249, 250, 251, 498, 499, 747, 1000, 20_000])(`${name}: %i bytes`, async (length) => {
      const content = ascii(length);
      server.aws.put("main.py", content);
      expect(await host(webGet("main.py"))).toBe(`${content}\n`);
    });

    test(`${name}: characters cut in two by a chunk's end`, async () => {
      const content = "語".repeat(400);
      server.aws.put("main.py", content);
      expect(await host(webGet("main.py"))).toBe(`${content}\n`);
    });

    test(`${name}: names sent raw`, async () => {
      server.aws.put("src/app+v2 (1).py", ascii(300));
      expect(await host(webGet("src/app+v2 (1).py"))).toBe(`${ascii(300)}\n`);
    });
  }
});

test("the models are faithful: at the honest door the older hosts lose bytes, as published", async () => {
  const content = ascii(1000);
  server.aws.put("main.py", content);
  const honest = webGet("main.py", "/");
  expect(await firstHost(honest)).not.toBe(`${content}\n`);
  expect(await secondHost(honest)).not.toBe(`${content}\n`);
  expect(await laterHost(honest)).toBe(`${content}\n`);
});

test("a missing file is an `err` that the hosts look for", async () => {
  expect(await firstHost(webGet("missing.py"))).toBeUndefined();
});
