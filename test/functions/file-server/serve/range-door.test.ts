import { describe, expect, test } from "vitest";
import { RANGE_MAX_BYTES } from "../../../../protocol/limits.ts";
import { LARGE, rangeDoor, serverForAllTests } from "../support/doors.ts";
import { bytesOf, headOf } from "../support/file-server-under-test.ts";
import { MODIFIED } from "../support/s3-object-reply.ts";

const server = await serverForAllTests();
const { get, getError } = rangeDoor(server);

describe("[NF-5.1] [NF-5.2] ranges", () => {
  test.each([
    ["bytes=0-0", 0, 0],
    ["bytes=0-9", 0, 9],
    ["bytes=5-", 5, 99],
    ["bytes=-10", 90, 99],
    ["bytes=-1000", 0, 99],
    ["bytes=90-1000", 90, 99],
    ["bytes=99-99", 99, 99],
    ["bytes=0-99999999999999999999", 0, 99],
    ["BYTES=2-3", 2, 3],
  ])("%s", async (range, first, last) => {
    const { bytes, etag } = server.aws.put("f", Buffer.from(Array.from({ length: 100 }, (_, i) => i)));
    const reply = await get({ headers: { range } });
    expect(reply).toEqual({
      statusCode: 206,
      headers: {
        "Content-Type": "application/octet-stream",
        "Content-Length": String(last - first + 1),
        "Accept-Ranges": "bytes",
        "Content-Range": `bytes ${first}-${last}/100`,
        ETag: `"${etag}"`,
        "Last-Modified": MODIFIED,
      },
      body: bytes.subarray(first, last + 1).toString("base64"),
      isBase64Encoded: true,
    });
    expect(headOf(reply).length).toBeLessThan(600);
    expect(server.aws.s3Requests).toHaveLength(1);
    expect(server.aws.s3Bytes).toBe(last - first + 1);
  });

  test.each(["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-"])(
    "%s is past the end",
    async (range) => {
      server.aws.put("f", Buffer.alloc(100));
      expect(await getError({ headers: { range } })).toEqual({
        status: 416,
        code: "out-of-range",
        contentRange: "bytes */100",
      });
      expect(server.aws.s3Requests).toHaveLength(1);
    },
  );

  test.each(["bytes=0-0", "bytes=0-", "bytes=-1", "bytes=-0", "bytes=5-9"])(
    "%s of an empty file is past the end",
    async (range) => {
      server.aws.put("f", "");
      expect(await getError({ headers: { range } })).toEqual({
        status: 416,
        code: "out-of-range",
        contentRange: "bytes */0",
      });
      expect(server.aws.s3Requests).toHaveLength(1);
    },
  );

  test("several ranges are 416, and nobody asks S3", async () => {
    server.aws.put("f", Buffer.alloc(100));
    expect(await getError({ headers: { range: "bytes=0-1,5-6" } })).toMatchObject({ status: 416 });
    expect(server.aws.s3Requests).toHaveLength(0);
  });

  test.each(["bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=1", "0-5", "bytes=0-5x"])(
    "[NF-5.3] %s is malformed",
    async (range) => {
      expect(await getError({ headers: { range } })).toMatchObject({ status: 400, code: "bad-request" });
    },
  );

  test("[NF-5.3] another unit is ignored", async () => {
    server.aws.put("f", "whole");
    const reply = await get({ headers: { range: "items=0-1" } });
    expect([reply.statusCode, bytesOf(reply).toString()]).toEqual([200, "whole"]);
  });

  test("a client that asks for bytes=0-0 and then 2048 at a time gets the file", async () => {
    const { bytes } = server.aws.put("app.bin", LARGE.subarray(0, 20_001));
    const probe = await get({ key: "app.bin", headers: { range: "bytes=0-0" } });
    const total = Number(probe.headers["Content-Range"]?.split("/")[1]);
    const parts: Buffer[] = [];
    for (let first = 0; first < total; first += 2048) {
      const last = Math.min(first + 2047, total - 1);
      parts.push(bytesOf(await get({ key: "app.bin", headers: { range: `bytes=${first}-${last}` } })));
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect(server.aws.s3Bytes).toBe(total + 1);
  });
});

describe("[NF-5.4] offset and max", () => {
  test.each([
    ["offset=10&max=5", "bytes 10-14/100"],
    ["max=5", "bytes 0-4/100"],
    ["offset=95", "bytes 95-99/100"],
    ["offset=0&max=999999999999999", "bytes 0-99/100"],
  ])("%s", async (query, contentRange) => {
    server.aws.put("f", Buffer.alloc(100));
    const reply = await get({ query });
    expect([reply.statusCode, reply.headers["Content-Range"]]).toEqual([206, contentRange]);
  });

  test("Range wins", async () => {
    server.aws.put("f", Buffer.alloc(100));
    const reply = await get({ query: "offset=10&max=5", headers: { range: "bytes=1-2" } });
    expect(reply.headers["Content-Range"]).toBe("bytes 1-2/100");
  });

  test.each(["offset=-1", "offset=01", "max=0", "max=1e3", "offset=1&offset=2", "offset=1234567890123456"])(
    "%s is malformed",
    async (query) => {
      expect(await getError({ query })).toMatchObject({ status: 400 });
    },
  );
});

describe("[NF-5.6] without a range, and long ones", () => {
  test("the whole file up to 4 MiB", async () => {
    const { bytes, etag } = server.aws.put("f", LARGE.subarray(0, RANGE_MAX_BYTES));
    const reply = await get({});
    expect(reply).toMatchObject({
      statusCode: 200,
      headers: { ETag: `"${etag}"`, "Last-Modified": MODIFIED },
    });
    expect(bytesOf(reply).equals(bytes)).toBe(true);
    expect(JSON.stringify(reply).length).toBeLessThan(6 * 1024 * 1024); // what a function URL carries
    expect(server.aws.s3Requests).toHaveLength(1);
  });

  test("a larger one is 413, in one request, and says what to do", async () => {
    server.aws.put("f", LARGE.subarray(0, RANGE_MAX_BYTES + 1));
    expect(await getError({})).toMatchObject({ status: 413, code: "too-big" });
    expect(server.aws.s3Requests).toHaveLength(1);
    expect(JSON.parse((await get({})).body).err).toContain("Range: bytes=0-");
  });

  test("a client that does what the 413 says has it whole, one version of it", async () => {
    const { bytes, etag } = server.aws.put("f", LARGE);
    const parts: Buffer[] = [];
    for (let first = 0, total = 1; first < total; ) {
      const condition: Record<string, string> = first === 0 ? {} : { "if-match": `"${etag}"` };
      const reply = await get({ headers: { range: `bytes=${first}-`, ...condition } });
      const [, last, size] = /^bytes \d+-(\d+)\/(\d+)$/.exec(reply.headers["Content-Range"] ?? "") ?? [];
      parts.push(bytesOf(reply));
      [first, total] = [Number(last) + 1, Number(size)];
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect(parts).toHaveLength(2);
  });

  test.each([
    ["bytes=0-", 0],
    ["bytes=7-", 7],
    [`bytes=1-${RANGE_MAX_BYTES + 1}`, 1],
    [`bytes=-${RANGE_MAX_BYTES + 1}`, 999],
    ["bytes=-999999999", 0],
  ])("%s gets its first 4 MiB, in one request", async (range, first) => {
    server.aws.put("f", LARGE);
    const reply = await get({ headers: { range } });
    const last = first + RANGE_MAX_BYTES - 1;
    expect(reply.headers["Content-Range"]).toBe(`bytes ${first}-${last}/${LARGE.length}`);
    expect(reply.headers["Content-Length"]).toBe(String(RANGE_MAX_BYTES));
    expect(bytesOf(reply).equals(LARGE.subarray(first, last + 1))).toBe(true);
    expect(server.aws.s3Requests).toHaveLength(1);
    if (!range.startsWith("bytes=-")) expect(server.aws.s3Bytes).toBe(RANGE_MAX_BYTES);
  });

  test.each([
    ["etag known", true, 1],
    ["etag not known", false, 2],
  ])("an empty file is 200 and empty: %s", async (_, known, requests) => {
    const { etag } = server.aws.put("f", "");
    const reply = await get({ query: known ? `etag=${etag}` : "" });
    expect(reply).toMatchObject({ statusCode: 200, body: "" });
    expect(reply.headers).toMatchObject({ ETag: `"${etag}"`, "Content-Length": "0" });
    expect(server.aws.s3Requests).toHaveLength(requests);
  });
});
