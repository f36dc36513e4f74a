import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatRangeRequest,
  parseRangeRequest,
  type RangeHeaders,
  type RangeRequest,
} from "../../protocol/range-request.ts";
import { anyEtag, anyVersionId, requestableKey } from "../support/arbitrary-key.ts";
import { thrownBy } from "../support/thrown-by.ts";

const get = (query: string, headers: RangeHeaders = {}) =>
  parseRangeRequest("GET", "files", "a", query, headers);
const A = { method: "GET", key: "a" } as const;

describe("a request for raw bytes", () => {
  test("is for the whole file unless it says otherwise", () => {
    expect(get("")).toEqual(A);
    expect(get("chunk=1&file=b&x=%zz")).toEqual(A);
  });

  test.each<[string, RangeRequest["range"]]>([
    ["offset=0", { first: 0 }],
    ["offset=250", { first: 250 }],
    ["max=250", { first: 0, last: 249 }],
    ["offset=250&max=250", { first: 250, last: 499 }],
    ["max=1&offset=999999999999999", { first: 999_999_999_999_999, last: 999_999_999_999_999 }],
    [
      "offset=999999999999999&max=999999999999999",
      { first: 999_999_999_999_999, last: 1_999_999_999_999_997 },
    ],
  ])("[NF-5.4] with %s is for that range", (query, range) => {
    expect(get(query)).toEqual({ ...A, range });
  });

  test("[NF-5.4] with both goes by the Range header, but by the parameters if the header is ignored", () => {
    expect(get("offset=5&max=5", { range: "bytes=1-2" }).range).toEqual({ first: 1, last: 2 });
    expect(get("offset=5&max=5", { range: "lines=1-2" }).range).toEqual({ first: 5, last: 9 });
  });

  test.each([
    "offset=",
    "offset=-1",
    "offset=00",
    "offset=01",
    "offset=1e3",
    "offset=abc",
    "offset=1000000000000000",
    "offset=1&offset=1",
    "max=",
    "max=0",
    "max=-1",
    "max=01",
    "max=1.5",
    "max=1000000000000000",
    "max=1&max=2",
    "etag=",
    "etag=a&etag=a",
    "etag=%22a%22",
    `etag=${"a".repeat(65)}`,
    "etag=%zz",
  ])("[NF-3.2] with %s is a bad request, whatever its headers", (query) => {
    for (const headers of [{}, { range: "bytes=0-1", ifMatch: '"a"' }]) {
      expect(thrownBy(() => get(query, headers))).toMatchObject({
        name: "RequestError",
        code: "bad-request",
      });
    }
  });

  test("[NF-5.2] [NF-5.3] with a bad Range header is refused as the header is", () => {
    expect(thrownBy(() => get("", { range: "bytes=2-1" }))).toMatchObject({ code: "bad-request" });
    expect(thrownBy(() => get("", { range: "bytes=0-1,3-4" }))).toMatchObject({ code: "out-of-range" });
    expect(get("", { range: "lines=0-1" })).toEqual(A);
  });

  test.each<[string, RangeHeaders, string | undefined]>([
    ["", { ifMatch: '"abc-1"' }, "abc-1"],
    ["", { ifMatch: ' "abc" ' }, "abc"],
    ["", { ifMatch: "abc" }, "abc"], // unquoted, as some clients send it
    ["etag=abc", {}, "abc"],
    ["etag=abc", { ifMatch: '"abc"' }, "abc"],
    ["etag=abc", { ifMatch: "*" }, "abc"],
    ["", { ifMatch: "*" }, undefined],
    ["", { ifMatch: 'W/"abc"' }, ""], // weak: never equal in the strong comparison of RFC 9110 §13.1.1
    ["", { ifMatch: '""' }, ""],
    ["", { ifMatch: '"not_an etag, of S3"' }, ""],
    ["etag=abc", { ifMatch: '"def"' }, ""],
    ["etag=abc", { ifMatch: 'W/"abc"' }, ""],
  ])("[NF-5.5] with the query %j and the headers %j is held to the etag %j", (query, headers, etag) => {
    expect(get(query, headers)).toEqual(etag === undefined ? A : { ...A, etag });
  });

  test.each(["", '"a", "b"', '"a","b"', 'W/"a", "b"', "a,b", '"a', 'a"', '"a"b', "*, *", 'w/"a"'])(
    "[NF-5.5] with If-Match: %s, which is not one etag, is a bad request",
    (ifMatch) => {
      expect(thrownBy(() => get("", { ifMatch }))).toMatchObject({ code: "bad-request" });
    },
  );

  test.each([
    ['"abc"', "abc"],
    ['W/"abc"', ""],
    ["Tue, 15 Nov 1994 12:45:26 GMT", ""],
    ["", ""],
    ['"a", "b"', ""],
  ])("[NF-5.5] with If-Range: %s has its range only while the etag is %j", (header, ifRange) => {
    const range = { first: 0, last: 1 };
    expect(get("", { range: "bytes=0-1", ifRange: header })).toEqual({ ...A, range, ifRange });
    expect(get("max=2", { ifRange: header })).toEqual({ ...A, range, ifRange });
  });

  test("with If-Range and no range is for the whole file (RFC 9110 §13.1.5)", () => {
    expect(get("", { ifRange: '"abc"' })).toEqual(A);
    expect(get("", { range: "lines=0-1", ifRange: '"abc"' })).toEqual(A);
  });

  test("[NF-5.7] by HEAD has no range, even a malformed one (RFC 9110 §14.2), but an etag", () => {
    const head = (range: string) =>
      parseRangeRequest("HEAD", "files", "a", "offset=1", { range, ifMatch: '"abc"' });
    for (const range of ["bytes=0-0", "bytes=0-0,1-1", "bytes=x"]) {
      expect(head(range)).toEqual({ method: "HEAD", key: "a", etag: "abc" });
    }
  });

  test("[NF-3.3] decodes its key once", () => {
    expect(parseRangeRequest("GET", "files", "a+b%20c/100%2525", "", {}).key).toBe("a+b c/100%25");
    expect(thrownBy(() => parseRangeRequest("GET", "files", "a%ff", "", {}))).toMatchObject({
      code: "bad-request",
    });
    expect(thrownBy(() => parseRangeRequest("GET", "files", "", "", {}))).toMatchObject({
      code: "bad-request",
    });
  });

  test.each(["..", "a/../b", "%2e%2e/a", "a%2F..%2Fdevices/dev:1/b", "a/.", "a".repeat(1025)])(
    "[NF-3.9] for %j, the key of no file, finds none",
    (rawKey) => {
      expect(thrownBy(() => parseRangeRequest("GET", "files", rawKey, "", {}))).toMatchObject({
        code: "file-not-found",
      });
    },
  );

  test("reads back as it was made, for any key and version [NF-3.10]", () => {
    const asked = fc.record(
      { key: requestableKey, etag: anyEtag, version: anyVersionId },
      { requiredKeys: ["key"] },
    );
    fc.assert(
      fc.property(asked, (made) => {
        const [path = "", query = ""] = formatRangeRequest(made).split("?");
        expect(path.startsWith("/files/")).toBe(true);
        expect(parseRangeRequest("GET", "files", path.slice("/files/".length), query, {})).toEqual({
          method: "GET",
          ...made,
        });
      }),
      { numRuns: 500 },
    );
  });
});
