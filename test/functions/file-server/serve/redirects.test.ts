import { get } from "node:http";
import { describe, expect, test } from "vitest";
import { RANGE_MAX_BYTES } from "../../../../protocol/limits.ts";
import type { Linked } from "../../../../protocol/signed-link.ts";
import { LARGE } from "../support/doors.ts";
import { bytesOf, headOf } from "../support/file-server-under-test.ts";
import { startServerOnLocalS3 } from "../support/server-on-local-s3.ts";

const { put, remove, call, open, seen } = await startServerOnLocalS3();

/** Follows a redirect as a small client would: with the range, and the host without its port. */
function follow(url: string, range?: string): Promise<{ status: number; range: string; bytes: Buffer }> {
  const headers = { host: "localhost", ...(range === undefined ? {} : { range }) };
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part);
      const { "content-range": told = "" } = response.headers;
      resolve({ status: response.statusCode ?? 0, range: told, bytes: Buffer.concat(parts) });
    }).on("error", reject);
  });
}

const locationOf = async (linked: Linked, range?: string): Promise<string> => {
  const reply = await open(linked, range === undefined ? {} : { headers: { range } });
  expect(reply).toEqual({
    statusCode: 307,
    headers: { Location: expect.stringMatching(/^http:\/\/localhost:/) },
    body: "",
    isBase64Encoded: false,
  });
  return reply.headers.Location ?? "";
};

describe.each(["big.bin", "devices/dev:1/a b+ü.bin"])("[NF-12.5] a link to more than 4 MiB: %s", (key) => {
  test("leads to that very version at S3, whatever is uploaded since, in one request", async () => {
    const { etag, version } = await put(key, LARGE);
    const byEtag = await locationOf({ key, etag });
    await expect.poll(() => seen.map(({ operation }) => operation)).toEqual(["GetObject"]); // once its connection is cut
    await put(key, "another");
    await remove(key);
    for (const url of [byEtag, await locationOf({ key, version })]) {
      expect(new URL(url).searchParams.get("versionId")).toBe(version);
      expect(new URL(url).searchParams.get("X-Amz-Expires")).toBe("900");
      const whole = await follow(url);
      expect([whole.status, whole.bytes.equals(LARGE)]).toEqual([200, true]);
      const part = await follow(url, "bytes=4194300-4194309");
      expect([part.status, part.range]).toEqual([206, `bytes 4194300-4194309/${LARGE.length}`]);
      expect(part.bytes.equals(LARGE.subarray(4_194_300, 4_194_310))).toBe(true);
    }
  });

  test("also where a range has more, but not where it has no more", async () => {
    const { version } = await put(key, LARGE);
    for (const range of [
      "bytes=0-",
      "bytes=999-",
      `bytes=1-${RANGE_MAX_BYTES + 1}`,
      `bytes=-${RANGE_MAX_BYTES + 1}`,
    ]) {
      const { bytes, range: told } = await follow(await locationOf({ key, version }, range), range);
      expect([told.endsWith(`/${LARGE.length}`), bytes.length > RANGE_MAX_BYTES]).toEqual([true, true]);
    }
    for (const range of [
      "bytes=0-0",
      "bytes=1000-",
      `bytes=1-${RANGE_MAX_BYTES}`,
      `bytes=-${RANGE_MAX_BYTES}`,
    ]) {
      const { statusCode, body } = await open({ key, version }, { headers: { range } });
      expect([range, statusCode, Buffer.from(body, "base64").length <= RANGE_MAX_BYTES]).toEqual([
        range,
        206,
        true,
      ]);
    }
  });

  test("says what it is to HEAD, and to who has it already", async () => {
    const { etag, version } = await put(key, LARGE);
    const head = await open({ key, version }, { method: "HEAD" });
    expect([head.statusCode, head.headers["Content-Length"]]).toEqual([200, String(LARGE.length)]);
    expect((await open({ key, etag }, { headers: { "if-none-match": `"${etag}"` } })).statusCode).toBe(304);
    const again = await open({ key, etag }, { headers: { range: "bytes=0-", "if-range": '"0123"' } });
    expect(again.statusCode).toBe(307);
  });

  test("the head has 600 bytes beside the address", async () => {
    const { version } = await put(key, LARGE);
    const reply = await open({ key, version });
    expect(headOf(reply).length - (reply.headers.Location ?? "").length).toBeLessThan(600);
  });
});

test("[NF-12.5] [NF-5.6] who holds the token is not sent there: the header would go along, and S3 takes no two", async () => {
  const { etag, version } = await put("big.bin", LARGE);
  for (const query of [`etag=${etag}`, `version=${version}`, ""]) {
    const path = "/files/big.bin";
    expect((await call({ path, query })).statusCode).toBe(413);
    const part = await call({ path, query, headers: { range: "bytes=0-" } });
    expect([part.statusCode, bytesOf(part).length]).toEqual([206, RANGE_MAX_BYTES]);
  }
});

test("[NF-12.5] 4 MiB are served, not redirected", async () => {
  const { version } = await put("f", LARGE.subarray(0, RANGE_MAX_BYTES));
  for (const headers of [{}, { range: "bytes=0-" }] as Record<string, string>[]) {
    const reply = await open({ key: "f", version }, { headers });
    expect([reply.statusCode < 300, bytesOf(reply).length]).toEqual([true, RANGE_MAX_BYTES]);
  }
});
