import { beforeEach, describe, expect, test } from "vitest";
import { RANGE_MAX_BYTES } from "../../../../protocol/limits.ts";
import { formatSignedLink, type Linked } from "../../../../protocol/signed-link.ts";
import { captureStdio } from "../../../support/capture-stdio.ts";
import type { EventOptions } from "../../../support/function-url-event.ts";
import { hangUp, LINK_SECRET } from "../support/aws-stand-in.ts";
import { LARGE, serverForAllTests } from "../support/doors.ts";
import { bytesOf, headOf, startFileServer } from "../support/file-server-under-test.ts";

const server = await serverForAllTests();
const UNAUTHORIZED = await server.call({ query: "file=f", token: "" });

const requestOf = (link: string): EventOptions => {
  const [path = "", query = ""] = link.split("?");
  return { path, query };
};
const linkTo = (linked: Linked, secret = LINK_SECRET) => requestOf(formatSignedLink(linked, secret));
const open = (request: EventOptions, to = server) => to.call({ ...request, token: "" });

const KEYS = ["f", "devices/dev:1/a b+c.py", "fleets/fleet:1/ünï/語"];
let etags: Map<string, string>;
beforeEach(() => {
  etags = new Map(KEYS.map((key) => [key, server.aws.put(key, `content of ${key}`).etag]));
});
const etagOf = (key: string) => etags.get(key) ?? "";

describe.each(KEYS)("[NF-12.2] the link to %s", (key) => {
  test("opens it without a header: whole, by ranges, its head, and its conditions", async () => {
    const request = linkTo({ key, etag: etagOf(key) });
    const whole = await open(request);
    expect([whole.statusCode, bytesOf(whole).toString()]).toEqual([200, `content of ${key}`]);
    const part = await open({ ...request, headers: { range: "bytes=3-6" } });
    expect([part.statusCode, bytesOf(part).toString()]).toEqual([206, "tent"]);
    const query = `${request.query}&offset=8&max=2`;
    expect(bytesOf(await open({ ...request, query })).toString()).toBe("of");
    expect((await open({ ...request, method: "HEAD" })).headers["Content-Length"]).toBe(
      String(bytesOf(whole).length),
    );
    const known = await open({ ...request, headers: { "if-none-match": `"${etagOf(key)}"` } });
    expect(known.statusCode).toBe(304);
    expect((await open({ ...request, headers: { range: "bytes=a-b" } })).statusCode).toBe(400);
    expect((await open({ ...request, headers: { "if-match": '"0123"' } })).statusCode).toBe(
      key === "f" ? 412 : 404,
    );
  });

  test("[NF-12.4] says of a file that has changed, or is gone, what it says to who holds the token", async () => {
    const request = linkTo({ key, etag: etagOf(key) });
    server.aws.put(key, "another content");
    expect(await open(request)).toEqual(await server.call(request));
    expect((await open(request)).statusCode).toBe(key === "f" ? 412 : 404);
    server.aws.files.delete(key);
    expect(await open(request)).toEqual(await server.call(request));
    expect((await open(request)).statusCode).toBe(404);
  });
});

describe("[NF-12.3] what is wrong with a link", () => {
  const good = () => ({ key: "f", etag: etagOf("f") });
  const other = KEYS[1] ?? "";

  test("is the 401 of anybody, in the same bytes, and S3 is not asked", async () => {
    const sig = linkTo(good()).query?.replace(/^.*&/, "");
    const wrong: EventOptions[] = [
      linkTo(good(), "another secret"),
      linkTo(good(), ""),
      { ...linkTo(good()), path: `/files/${encodeURIComponent(other)}` },
      { path: "/files/missing", query: `etag=${etagOf("f")}&${sig}` },
      { path: "/files/f", query: `etag=${etagOf(other)}&${sig}` },
      { path: "/files/f", query: `version=${etagOf("f")}&${sig}` },
      { path: "/files/f", query: `etag=${etagOf("f")}` },
      { path: "/files/f", query: `etag=${etagOf("f")}&sig=` },
      { path: "/files/f", query: `etag=${etagOf("f")}&${sig}x` },
      { path: "/files/f", query: `etag=${etagOf("f")}&${sig}&${sig}` },
      { path: "/files/f", query: sig ?? "" },
      { path: "/files/%ff", query: linkTo(good()).query ?? "" },
      { path: "/", query: `file=f&${linkTo(good()).query}` },
      { path: "/sample", query: `file=f&${linkTo(good()).query}` },
      { path: `/packed/${"a".repeat(43)}`, query: linkTo(good()).query ?? "" },
      { path: "/nowhere", query: linkTo(good()).query ?? "" },
      { ...linkTo(good()), method: "POST" },
    ];
    for (const request of wrong) expect(await open(request), JSON.stringify(request)).toEqual(UNAUTHORIZED);
    expect(server.aws.s3Requests).toHaveLength(0);
  });

  test("a request with an Authorization header goes by that alone", async () => {
    const request = linkTo(good());
    expect(await server.call({ ...request, token: "wrong" })).toEqual(UNAUTHORIZED);
    expect(await open({ ...request, headers: { authorization: "Basic Zjpm" } })).toEqual(UNAUTHORIZED);
    const unsigned = { ...linkTo(good(), "another secret") };
    expect((await server.call(unsigned)).statusCode).toBe(200); // `sig` is one more parameter that is ignored
  });
});

describe("the secret of the links", () => {
  const read = (arn: string, { aws } = server) =>
    aws.secretRequests.filter(({ body }) => body.includes(arn)).length;

  test("is read when the first link comes, once, and the tokens are not read for a link", async () => {
    await using other = await serverOf();
    const request = linkTo({ key: "f", etag: other.aws.put("f", "x").etag });
    await other.call({ query: "file=f" });
    expect([read(":tokens", other), read(":links", other)]).toEqual([1, 0]);
    for (let times = 0; times < 3; times++) expect((await open(request, other)).statusCode).toBe(200);
    expect([read(":tokens", other), read(":links", other)]).toEqual([1, 1]);
  });

  test("[NF-12.1] previous or current, while it is being changed", async () => {
    await using other = await serverOf();
    other.aws.linkSecret = JSON.stringify({ current: "new\n", previous: LINK_SECRET });
    const linked = { key: "f", etag: other.aws.put("f", "x").etag };
    expect((await open(linkTo(linked), other)).statusCode).toBe(200);
    expect((await open(linkTo(linked, "new"), other)).statusCode).toBe(200);
    expect((await open(linkTo(linked, "old"), other)).statusCode).toBe(401);
  });

  test.each(["not JSON", '{"current":""}', '{"token":"hunter2"}'])(
    "[NF-12.3] 503 while it cannot be read, whether the link is good or not; tokens serve on: %s",
    async (secret) => {
      await using other = await serverOf("INFO");
      const linked = { key: "f", etag: other.aws.put("f", "x").etag };
      other.aws.linkSecret = secret;
      const { result, written } = await captureStdio(async () => [
        (await open(linkTo(linked), other)).statusCode,
        (await open(linkTo(linked, "guess"), other)).statusCode,
        (await other.call({ query: "file=f" })).statusCode,
      ]);
      expect(result).toEqual([503, 503, 200]);
      expect(written).toContain("the link secret is not");
      expect(written).not.toContain("hunter2");
    },
  );

  test("[NF-12.3] a read that fails is tried again soon", async () => {
    await using other = await serverOf();
    const request = linkTo({ key: "f", etag: other.aws.put("f", "x").etag });
    other.aws.secretFaults = [hangUp];
    expect((await open(request, other)).statusCode).toBe(503);
    await expect.poll(async () => (await open(request, other)).statusCode).toBe(200);
  });
});

test("the log has no signature and no secret; wrong links are counted", async () => {
  await using other = await serverOf("TRACE");
  const linked = { key: "f", etag: other.aws.put("f", "x").etag };
  const { written } = await captureStdio(async () => {
    await open(linkTo(linked, "guess"), other);
    await open({ ...linkTo(linked), headers: { range: "bytes=7-" } }, other);
    other.aws.s3Faults = [(_request, response) => response.writeHead(403).end("<Code>AccessDenied</Code>")];
    await open(linkTo(linked), other);
  });
  expect(JSON.parse(written.split("\n")[0] ?? "")).toMatchObject({
    message: "requests refused",
    wrongLinks: 1,
    UnknownTokens: 0,
  });
  expect(written).toContain('"code":"out-of-range"');
  const sigs = [linkTo(linked), linkTo(linked, "guess")].map(({ query = "" }) => query.slice(-22));
  for (const secret of [...sigs, LINK_SECRET, "sig="]) expect(written).not.toContain(secret);
});

test("[NF-5.1] its heads are as those of others, below 600 bytes", async () => {
  for (const headers of [{}, { range: "bytes=0-0" }] as Record<string, string>[]) {
    const reply = await open({ ...linkTo({ key: "f", etag: etagOf("f") }), headers });
    expect(headOf(reply).length).toBeLessThan(600);
  }
});

test("[NF-12.5] what S3 has without versions is served as to who holds the token: no address is that version's", async () => {
  const request = linkTo({ key: "big", etag: server.aws.put("big", LARGE).etag });
  expect(await open(request)).toEqual(await server.call(request));
  expect((await open(request)).statusCode).toBe(413);
  const part = { ...request, headers: { range: "bytes=7-" } };
  expect(await open(part)).toEqual(await server.call(part));
  expect((await open(part)).headers["Content-Length"]).toBe(String(RANGE_MAX_BYTES));
});

async function serverOf(logLevel?: string) {
  const started = await startFileServer(logLevel);
  return { ...started, [Symbol.asyncDispose]: () => started.close() };
}
