import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatChunkRequest } from "../../protocol/chunk-request.ts";
import { RequestError } from "../../protocol/errors.ts";
import { packedKey } from "../../protocol/packed.ts";
import { formatRangeRequest, type RangeHeaders } from "../../protocol/range-request.ts";
import { type FileRequest, parseRequest, type RawRequest } from "../../protocol/request.ts";
import { keyPiece, requestableKey } from "../support/arbitrary-key.ts";
import { thrownBy } from "../support/thrown-by.ts";

function raw(method: string, address: string, headers: RangeHeaders = {}): RawRequest {
  const question = address.indexOf("?");
  const [rawPath, rawQuery] =
    question < 0 ? [address, ""] : [address.slice(0, question), address.slice(question + 1)];
  return { method, rawPath, rawQuery, headers };
}

describe("[NF-3.8] a door", () => {
  test.each<[string, Partial<FileRequest>]>([
    ["/?file=a", { door: "chunk", key: "a", size: 250 }],
    ["?file=a", { door: "chunk", key: "a" }],
    ["//?file=a", { door: "chunk", key: "a" }],
    ["/sample?file=a", { door: "sample", key: "a", size: 249 }],
    ["/sample/?file=a", { door: "sample", key: "a" }],
    ["//sample//?file=a", { door: "sample", key: "a" }],
    ["sample?file=a", { door: "sample", key: "a" }],
    ["/files/a", { door: "range", method: "GET", key: "a" }],
    ["//files//a/b//", { door: "range", key: "a/b" }],
    ["/files/a//b", { door: "range", key: "a//b" }],
    ["/files/files/sample", { door: "range", key: "files/sample" }],
    ["/files/a%2Fb%0Ac", { door: "range", key: "a/b\nc" }],
  ])("is reached by %s", (address, request) => {
    expect(parseRequest(raw("GET", address))).toMatchObject(request);
  });

  test.each([
    "/favicon.ico",
    "/a?file=a",
    "/sample/a?file=a",
    "/Sample?file=a",
    "/s%61mple?file=a",
    "/filesa",
    "/packeda",
    "/file/a",
    "/./?file=a",
    "/..",
  ])("is not reached by %s: 404", (address) => {
    for (const method of ["GET", "POST"]) {
      expect(thrownBy(() => parseRequest(raw(method, address)))).toMatchObject({
        name: "RequestError",
        code: "no-such-door",
        status: 404,
      });
    }
  });

  test.each(["/files", "/files/", "//files//"])("for files needs a key: %s is a bad request", (address) => {
    expect(thrownBy(() => parseRequest(raw("GET", address)))).toMatchObject({ code: "bad-request" });
  });

  test.each<[string, string, string]>([
    ["/?file=a", "HEAD", "GET"],
    ["/?file=a", "POST", "GET"],
    ["/?file=a", "get", "GET"],
    ["/", "DELETE", "GET"],
    ["/sample?file=a", "PUT", "GET"],
    ["/files/a", "POST", "GET, HEAD"],
    ["/files/a", "OPTIONS", "GET, HEAD"],
    ["/files/a", "", "GET, HEAD"],
    [`/packed/${"A".repeat(43)}`, "POST", "GET, HEAD"],
  ])("is not open at %s to the method %j: 405, and Allow: %s", (address, method, allow) => {
    expect(thrownBy(() => parseRequest(raw(method, address)))).toMatchObject({
      code: "method",
      status: 405,
      allow,
    });
  });

  test("for files is open to HEAD [NF-5.7]", () => {
    expect(parseRequest(raw("HEAD", "/files/a"))).toEqual({ door: "range", method: "HEAD", key: "a" });
  });
});

test("a request that a client makes of a key is for that key, through every door and join [NF-3.3] [NF-3.8]", () => {
  const join = fc.constantFrom("", "/", "//");
  fc.assert(
    fc.property(requestableKey, join, (key, before) => {
      const chunk = formatChunkRequest({ key, chunk: 2, size: 6000, etag: "abc" });
      expect(parseRequest(raw("GET", before + chunk))).toEqual({
        door: "chunk",
        key,
        chunk: 2,
        size: 6000,
        etag: "abc",
      });
      const sample = `${before}/sample${chunk}`;
      expect(parseRequest(raw("GET", sample))).toEqual({
        door: "sample",
        key,
        chunk: 2,
        size: 249,
        etag: "abc",
      });
      const range = formatRangeRequest({ key, etag: "abc" });
      expect(parseRequest(raw("GET", before + range))).toEqual({
        door: "range",
        method: "GET",
        key,
        etag: "abc",
      });
    }),
    { numRuns: 300 },
  );
});

test("a request that a client makes of packed content is for that, by number and by range [NF-10.1]", () => {
  const sha256 = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((b) => Buffer.from(b).toString("base64url"));
  const packed = fc.record({ sha256, base: sha256 }, { requiredKeys: ["sha256"] });
  fc.assert(
    fc.property(packed, fc.constantFrom("", "/", "//"), (asked, slashes) => {
      const key = packedKey(asked);
      const chunk = formatChunkRequest({ packed: asked, chunk: 2, size: 6000 });
      expect(parseRequest(raw("GET", slashes + chunk))).toEqual({
        ...{ door: "chunk", packed: true, key, chunk: 2, size: 6000 },
      });
      const range = slashes + formatRangeRequest({ packed: asked }) + slashes;
      for (const method of ["GET", "HEAD"])
        expect(parseRequest(raw(method, range))).toEqual({ door: "range", method, packed: true, key });
      expect(Math.max(chunk.length, range.length)).toBeLessThanOrEqual(253); // what a Notecard's `name` carries
    }),
  );
});

describe("any request at all", () => {
  const text = fc
    .oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: keyPiece }),
      fc.array(
        fc.constantFrom(
          "file",
          "chunk",
          "size",
          "etag",
          "packed",
          "version",
          "A".repeat(43),
          "offset",
          "max",
          "=",
          "&",
          "%",
          "0",
          "1",
          "a",
          "%zz",
          "%00",
        ),
      ),
      fc.array(
        fc.constantFrom("/", "files", "packed", "A".repeat(43), "sample", "a", "..", ".", "%2e", "%2F", "%"),
      ),
    )
    .map((parts) => (typeof parts === "string" ? parts : parts.join("")));
  const header = fc.option(fc.oneof(text, fc.constantFrom("bytes=0-1", '"abc"', "*")), { nil: undefined });

  test("is parsed or refused with an error of the table [NF-6.1]", () => {
    const request = fc.record({
      method: fc.oneof(fc.constantFrom("GET", "HEAD", "POST"), fc.string()),
      rawPath: fc.oneof(fc.constantFrom("/", "/sample", "/files/a"), text),
      rawQuery: text,
      headers: fc.record({ range: header, ifMatch: header, ifRange: header }).map(present),
    });
    fc.assert(
      fc.property(request, (any) => {
        const error = thrownBy(() => expect(parseRequest(any).key).not.toBe(""));
        if (error === undefined) return true;
        if (!(error instanceof RequestError)) throw error;
        const plainSentence = /^[a-zA-Z0-9 ,.:-]{1,90}$/.test(error.message); // it quotes nothing of the request
        return plainSentence && error.status >= 400 && error.status < 500;
      }),
      { numRuns: 5000 },
    );
  });

  // With time that grows as the square of the length these would not end within the runner's limit.
  test.each<[string, RawRequest]>([
    ["slashes", raw("GET", `/files/a${"/".repeat(400_000)}b`)],
    ["parameters", raw("GET", `/?${"a=b&".repeat(200_000)}file=a`)],
    ["digits", raw("GET", `/?file=a&chunk=${"9".repeat(800_000)}`)],
    ["escapes", raw("GET", `/?file=${"%25".repeat(200_000)}`)],
    ["ranges", raw("GET", "/files/a", { range: `bytes=${"0-1,".repeat(200_000)}` })],
    ["blanks in a range", raw("GET", "/files/a", { range: `bytes=0-1${" ".repeat(400_000)}x` })],
    [
      "blanks and line feeds in a range",
      raw("GET", "/files/a", { range: `bytes=${" \n".repeat(200_000)}x\ny` }),
    ],
    ["digits in a range", raw("GET", "/files/a", { range: `bytes=${"9".repeat(800_000)}-` })],
    ["quotes in If-Match", raw("GET", "/files/a", { ifMatch: '"a" '.repeat(200_000) })],
    ["quotes in If-Range", raw("GET", "/files/a", { range: "bytes=0-1", ifRange: '"a" '.repeat(200_000) })],
  ])("is answered in time that grows with its length alone: %s", (_what, request) => {
    const error = thrownBy(() => parseRequest(request));
    expect(error === undefined || error instanceof RequestError).toBe(true);
  });
});

function present(headers: { [Name in keyof RangeHeaders]: string | undefined }): RangeHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}
