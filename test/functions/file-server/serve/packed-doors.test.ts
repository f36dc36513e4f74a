import { describe, expect, test } from "vitest";
import { parseChunk } from "../../../../protocol/chunk.ts";
import { formatChunkRequest } from "../../../../protocol/chunk-request.ts";
import { type Packed, packedKey } from "../../../../protocol/packed.ts";
import { formatRangeRequest } from "../../../../protocol/range-request.ts";
import { bytesOf } from "../support/file-server-under-test.ts";
import { startServerOnLocalS3 } from "../support/server-on-local-s3.ts";

const { put, call, seen } = await startServerOnLocalS3();

const FRAME = { sha256: "Z".repeat(43) };
const PATCH = { sha256: "P".repeat(43), base: "_-9".repeat(14).padEnd(43, "b") };
const BYTES = Buffer.from(Array.from({ length: 13_000 }, (_, index) => (index * 31) % 251));

const MANIFEST = { sha256: "M".repeat(43), manifest: true } as const;
const STEP = { ...MANIFEST, base: "B".repeat(43) };

const putPacked = (packed: Packed) => put(packedKey(packed), BYTES, "packed");
const errorOf = ({ statusCode, body }: { statusCode: number; body: string }) => [
  statusCode,
  /\{([a-z-]+)\}$/.exec(JSON.parse(body).err)?.[1],
];

describe.each([
  ["a zstd frame", FRAME],
  ["a patch", PATCH],
  ["a fleet's manifest", MANIFEST],
  ["the step to one", STEP],
])("%s [NF-10.1] [NF-11.6]", (_, packed) => {
  test("comes by range, in one request for exactly its bytes", async () => {
    const { etag } = await putPacked(packed);
    const reply = await call({ path: formatRangeRequest({ packed }), headers: { range: "bytes=100-349" } });
    expect([reply.statusCode, bytesOf(reply)]).toEqual([206, BYTES.subarray(100, 350)]);
    expect(reply.headers).toMatchObject({ "Content-Range": "bytes 100-349/13000", ETag: `"${etag}"` });
    expect(seen.map(({ bytesOut }) => bytesOut)).toEqual([250]);
    const [head, whole] = [
      await call({ path: formatRangeRequest({ packed }), method: "HEAD" }),
      await call({ path: `/${formatRangeRequest({ packed })}/` }),
    ];
    expect([head.statusCode, head.headers["Content-Length"]]).toEqual([200, "13000"]);
    expect(bytesOf(whole)).toEqual(BYTES);
  });

  test("comes by number, in one request for exactly its bytes", async () => {
    const { etag } = await putPacked(packed);
    const [, query = ""] = formatChunkRequest({ packed, chunk: 3, size: 6000 }).split("?");
    expect(parseChunk(JSON.parse((await call({ query })).body))).toEqual({
      ...{ bytes: BYTES.subarray(12_000), chunk: 3, totalChunks: 3, etag },
    });
    expect(seen.map(({ bytesOut }) => bytesOut)).toEqual([1000]);
  });

  test("that there is not is 404, and that is behind its end 416", async () => {
    const none = { ...packed, sha256: "N".repeat(43) };
    const [, query = ""] = formatChunkRequest({ packed: none, chunk: 1, size: 250 }).split("?");
    expect(errorOf(await call({ query }))).toEqual([404, "file-not-found"]);
    expect(errorOf(await call({ path: formatRangeRequest({ packed: none }) }))).toEqual([
      404,
      "file-not-found",
    ]);
    await putPacked(packed);
    const range = "bytes=13000-";
    expect(errorOf(await call({ path: formatRangeRequest({ packed }), headers: { range } }))).toEqual([
      ...[416, "out-of-range"],
    ]);
  });

  test("needs the token", async () => {
    const headers = { authorization: "Bearer other" };
    expect(errorOf(await call({ path: formatRangeRequest({ packed }), headers }))).toEqual([
      401,
      "unauthorized",
    ]);
  });
});

test.each([
  "short",
  "a".repeat(44),
  `${"a".repeat(43)}/short`,
  `${"a".repeat(43)}/../${"b".repeat(43)}`,
  `..%2fcontents/${"a".repeat(43)}`,
])("%s names nothing packed, and S3 is not asked [NF-10.1]", async (name) => {
  await putPacked(FRAME);
  expect(errorOf(await call({ path: `/packed/${name}` }))).toEqual([400, "bad-request"]);
  expect(errorOf(await call({ query: `packed=${name}` }))).toEqual([400, "bad-request"]);
  expect(seen).toEqual([]);
});

test("a file and packed content at once are not served, and the sample's hosts have no packed content", async () => {
  await putPacked(FRAME);
  await put("f", "file");
  for (const query of [
    `packed=${FRAME.sha256}&file=f`,
    `packed=${FRAME.sha256}&packed=${FRAME.sha256}`,
    "packed=",
  ])
    expect(errorOf(await call({ query })), query).toEqual([400, "bad-request"]);
  expect(errorOf(await call({ path: "/packed" }))).toEqual([400, "bad-request"]);
  expect(errorOf(await call({ path: "/sample", query: `packed=${FRAME.sha256}` }))).toEqual([
    400,
    "bad-request",
  ]);
  expect(errorOf(await call({ path: `/packed/${FRAME.sha256}`, method: "PUT" }))).toEqual([405, "method"]);
});

test("nothing else of the packed bucket, and nothing packed of the files bucket is served", async () => {
  await put("contents/x.json", "secret", "packed");
  await put(packedKey(PATCH), "a file of that name");
  expect(errorOf(await call({ path: "/packed/contents/x.json" }))).toEqual([400, "bad-request"]);
  const packed = { ...PATCH, sha256: "Q".repeat(43) };
  await put(packedKey(packed), "a file of that name");
  expect(errorOf(await call({ path: formatRangeRequest({ packed }) }))).toEqual([404, "file-not-found"]);
});
