import { describe, expect, test } from "vitest";
import type { EventOptions } from "../../../support/function-url-event.ts";
import { LARGE, rangeDoor, serverForAllTests } from "../support/doors.ts";
import { bytesOf } from "../support/file-server-under-test.ts";

const server = await serverForAllTests();
const { get, getError } = rangeDoor(server);

describe("[NF-5.5] conditions", () => {
  test("If-Match or etag that is current", async () => {
    const { etag } = server.aws.put("f", "content");
    const range = "bytes=0-2";
    for (const request of [
      { headers: { range, "if-match": `"${etag}"` } },
      { headers: { range, "if-match": "*" } },
      { headers: { range }, query: `etag=${etag}` },
    ]) {
      expect((await get(request)).statusCode).toBe(206);
    }
    expect(server.aws.s3Requests).toHaveLength(3);
  });

  test("If-Match or etag that is not", async () => {
    const { etag } = server.aws.put("f", "content");
    for (const request of [
      { headers: { range: "bytes=0-2", "if-match": '"0123"' } },
      { headers: { range: "bytes=0-2", "if-match": `W/"${etag}"` } },
      { query: "etag=0123" },
      { method: "HEAD", query: "etag=0123" },
    ]) {
      const reply = await get(request);
      expect([reply.statusCode, JSON.parse(reply.body).err]).toEqual([
        412,
        expect.stringMatching(/\{file-changed\}$/),
      ]);
      expect(JSON.stringify(reply)).not.toContain(etag); // [NF-6.3]
    }
    expect(server.aws.s3Requests).toHaveLength(3); // none for the weak one, which nothing matches
    expect(await getError({ headers: { "if-match": '"a", "b"' } })).toMatchObject({ status: 400 });
  });

  test("an If-Range that holds gives the part, in one request", async () => {
    const { etag } = server.aws.put("f", "content");
    const reply = await get({ headers: { range: "bytes=3-", "if-range": `"${etag}"` } });
    expect([reply.statusCode, bytesOf(reply).toString()]).toEqual([206, "tent"]);
    expect(server.aws.s3Requests).toHaveLength(1);
  });

  test.each([
    ['"0123"', 2],
    ['W/"0123"', 1],
    ["Sat, 21 Nov 2026 04:20:00 GMT", 1],
  ])("an If-Range that fails gives the whole: %s", async (ifRange, requests) => {
    server.aws.put("f", "content");
    const reply = await get({ headers: { range: "bytes=3-", "if-range": ifRange } });
    expect([reply.statusCode, bytesOf(reply).toString()]).toEqual([200, "content"]);
    expect(reply.headers).not.toHaveProperty("Content-Range");
    expect(server.aws.s3Requests).toHaveLength(requests);
  });

  test("an If-Range of another version than If-Match's has failed", async () => {
    const { etag } = server.aws.put("f", "content");
    const conditions = { "if-match": `"${etag}"`, "if-range": '"0123"' };
    const reply = await get({ headers: { range: "bytes=3-", ...conditions } });
    expect([reply.statusCode, bytesOf(reply).toString()]).toEqual([200, "content"]);
    server.aws.put("f", "changed");
    expect((await get({ headers: { range: "bytes=3-", ...conditions } })).statusCode).toBe(412);
  });
});

describe("[NF-5.9] If-None-Match", () => {
  const range = "bytes=2-3";

  test.each<[string, EventOptions]>([
    ["the whole", {}],
    ["a range", { headers: { range } }],
    ["a range past the end", { headers: { range: "bytes=100-" } }],
    ["HEAD", { method: "HEAD" }],
  ])("of what the client has is 304, and no byte is read: %s", async (_what, request) => {
    const { etag } = server.aws.put("f", "content");
    for (const known of [`"${etag}"`, `W/"${etag}"`, `"0", "${etag}"`, "*"]) {
      const headers = { ...request.headers, "if-none-match": known };
      const reply = await get({ ...request, headers });
      expect(reply).toEqual({
        ...{ statusCode: 304, headers: { ETag: `"${etag}"` }, body: "", isBase64Encoded: false },
      });
    }
    expect(server.aws.s3Requests.map(({ method }) => method)).toEqual(Array(4).fill("HEAD"));
  });

  test("of another version brings the file, as without", async () => {
    server.aws.put("f", "content");
    const requests: EventOptions[] = [{}, { headers: { range } }, { method: "HEAD" }];
    for (const request of requests) {
      const headers = { ...request.headers, "if-none-match": '"0123"' };
      expect(await get({ ...request, headers })).toEqual(await get(request));
    }
  });

  test("of an empty file", async () => {
    const { etag } = server.aws.put("f", "");
    expect((await get({ headers: { "if-none-match": `"${etag}"` } })).statusCode).toBe(304);
    expect((await get({ headers: { "if-none-match": '"0123"' } })).statusCode).toBe(200);
  });

  test("comes after If-Match, and finds no file that is not there", async () => {
    const { etag } = server.aws.put("f", "content");
    const known = { "if-none-match": `"${etag}"` };
    expect((await get({ headers: { ...known, "if-match": '"0123"' } })).statusCode).toBe(412);
    expect((await get({ headers: { ...known, "if-match": `"${etag}"` } })).statusCode).toBe(304);
    expect((await get({ key: "missing", headers: { "if-none-match": "*" } })).statusCode).toBe(404);
    expect((await get({ headers: { "if-none-match": "etag?" } })).statusCode).toBe(400);
  });
});

describe("[NF-5.7] HEAD", () => {
  test("answers with the headers alone, ranges or not", async () => {
    const { etag } = server.aws.put("f", LARGE);
    for (const headers of [{}, { range: "bytes=0-0" }]) {
      const reply = await get({ method: "HEAD", headers });
      expect(reply).toMatchObject({ statusCode: 200, body: "" });
      expect(reply.headers).toMatchObject({ ETag: `"${etag}"`, "Content-Length": String(LARGE.length) });
    }
    expect(server.aws.s3Requests.map(({ method }) => method)).toEqual(["HEAD", "HEAD"]);
    expect(server.aws.s3Bytes).toBe(0);
  });

  test("of a file that does not exist is 404", async () => {
    expect((await get({ method: "HEAD" })).statusCode).toBe(404);
  });
});

describe("the door", () => {
  test.each([
    "/files/a%20b%2Bc.txt",
    "//files//a%20b%2Bc.txt",
    "/files/a%20b%2Bc.txt/",
    "/files/%61 b+c.txt",
  ])("[NF-3.8] %s", async (path) => {
    server.aws.put("a b+c.txt", "found");
    expect(bytesOf(await get({ path })).toString()).toBe("found");
  });

  test("names that are no file", async () => {
    expect(await getError({ path: "/files" })).toMatchObject({ status: 400 });
    expect(await getError({ path: "/files/" })).toMatchObject({ status: 400 });
    expect(await getError({ path: "/files/%ff" })).toMatchObject({ status: 400 });
    expect(await getError({ path: "/files/missing" })).toMatchObject({ status: 404, code: "file-not-found" });
    expect(await getError({ path: "/files/a/../b" })).toMatchObject({ status: 404, code: "file-not-found" });
  });

  test.each(["POST", "PUT", "DELETE", "PATCH"])("%s is not served", async (method) => {
    const reply = await get({ method });
    expect([reply.statusCode, reply.headers.Allow]).toEqual([405, "GET, HEAD"]);
  });

  test("[NF-7.2] a device's file without its current etag is the 404 of no file", async () => {
    const key = "devices/dev:1/f";
    const { etag } = server.aws.put(key, "secret");
    const range = "bytes=0-2";
    expect((await get({ key, headers: { range }, query: `etag=${etag}` })).statusCode).toBe(206);
    const missing = await get({ key: "missing" });
    for (const request of [
      {},
      { headers: { range } },
      { headers: { range, "if-range": `"${etag}"` } },
      { headers: { range, "if-match": "*" } },
      { headers: { range, "if-match": `W/"${etag}"` } },
      { headers: { range: "bytes=100-", "if-match": '"0123"' } },
      { headers: { "if-none-match": `"${etag}"` } },
      { headers: { "if-none-match": "*" } },
      { headers: { "if-none-match": `"${etag}"` }, query: "etag=0123" },
      { query: "etag=0123" },
      { method: "HEAD" },
    ]) {
      expect(await get({ key, ...request })).toEqual(missing);
    }
  });
});
