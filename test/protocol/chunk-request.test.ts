import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ChunkRequest, formatChunkRequest, parseChunkRequest } from "../../protocol/chunk-request.ts";
import { RequestError } from "../../protocol/errors.ts";
import { anyEtag, anyVersionId, requestableKey } from "../support/arbitrary-key.ts";
import { thrownBy } from "../support/thrown-by.ts";

const parse = (query: string) => parseChunkRequest(query, "chunk");

describe("a request for a chunk", () => {
  test("[NF-3.1] is for chunk 1 of 250 bytes unless it says otherwise", () => {
    expect(parse("file=a")).toEqual({ key: "a", chunk: 1, size: 250 });
    expect(parse("etag=abc-1&size=6000&chunk=7&file=a")).toEqual({
      key: "a",
      chunk: 7,
      size: 6000,
      etag: "abc-1",
    });
  });

  test("[NF-3.1] may have other parameters, which are ignored", () => {
    expect(parse("x=1&file=a&x=2&y=%zz&&z&__proto__=7&offset=abc&max=-1")).toEqual({
      key: "a",
      chunk: 1,
      size: 250,
    });
  });

  test.each([
    ["a b", "file=a%20b"],
    ["a+b", "file=a+b"],
    ["a+b", "file=a%2Bb"],
    ["a%20b", "file=a%2520b"],
    ["a%b", "file=a%25b"],
    ["naïve/語.txt", "file=na%C3%AFve/%E8%AA%9E.txt"],
    ["naïve/語.txt", "file=naïve/語.txt"], // some hosts send names as they are
    ["devices/dev:1/a", "file=devices%2Fdev%3A1%2Fa"],
    ["devices/dev:1/a", "file=devices/dev:1/a"],
    ["a=b", "file=a=b"],
    ["a&b", "file=a%26b"],
    ["__proto__", "file=__proto__"],
  ])("[NF-3.3] names the key %j when it says %s", (key, query) => {
    expect(parse(query).key).toBe(key);
  });

  test("reads back as it was made, for any key and version [NF-3.10]", () => {
    const request: fc.Arbitrary<ChunkRequest> = fc
      .record(
        {
          key: requestableKey,
          chunk: fc.integer({ min: 1, max: 9_999_999_999 }),
          size: fc.integer({ min: 1, max: 6000 }),
          etag: anyEtag,
          version: anyVersionId,
        },
        { requiredKeys: ["key", "chunk", "size"] },
      )
      .map((made) => ({ ...made })); // as an object of ours
    fc.assert(
      fc.property(request, (made) => {
        const name = formatChunkRequest(made);
        expect(name.startsWith("/?")).toBe(true);
        expect(parse(name.slice(2))).toEqual(made);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    "",
    "chunk=1",
    "file",
    "file=",
    "File=a",
    "file=&chunk=1",
    "file=a&file=b",
    "file=a&file=a",
    "file=a&chunk=1&chunk=1",
    "file=a&size=250&size=250",
    "file=a&etag=a&etag=a",
  ])("[NF-3.2] without one file, or with a parameter twice, is a bad request: %j", (query) => {
    expect(thrownBy(() => parse(query))).toMatchObject({ name: "RequestError", code: "bad-request" });
  });

  const BAD_NUMBERS = [
    "",
    "0",
    "01",
    "1e3",
    "-1",
    "+1",
    "abc",
    "1.5",
    "0x1",
    " 1",
    "%201",
    "1%00",
    "12345678901",
    "NaN",
  ];
  test.each(BAD_NUMBERS)("[NF-3.2] with the number %j is a bad request", (number) => {
    for (const name of ["chunk", "size"]) {
      expect(thrownBy(() => parse(`file=a&${name}=${number}`))).toMatchObject({ code: "bad-request" });
      expect(thrownBy(() => parseChunkRequest(`file=a&${name}=${number}`, "sample"))).toMatchObject({
        code: "bad-request",
      });
    }
  });

  test("[NF-3.2] is a bad request just outside a bound, and none at it", () => {
    expect(parse("file=a&size=1").size).toBe(1);
    expect(parse("file=a&size=6000").size).toBe(6000);
    expect(thrownBy(() => parse("file=a&size=6001"))).toBeInstanceOf(RequestError);
    expect(parse("file=a&chunk=9999999999").chunk).toBe(9_999_999_999);
    expect(thrownBy(() => parse("file=a&chunk=10000000000"))).toBeInstanceOf(RequestError);
  });

  test.each(["", "a".repeat(65), "%22a%22", "W/a", "a%20b", "a+b", "é", "*"])(
    "with the etag %j, which S3 never gives, is a bad request",
    (etag) => {
      expect(thrownBy(() => parse(`file=a&etag=${etag}`))).toMatchObject({ code: "bad-request" });
    },
  );

  test.each(["%", "%4", "%zz", "%ff", "%c3%28", "%ed%a0%80"])(
    "[NF-3.3] with the broken escape %j is a bad request",
    (text) => {
      expect(thrownBy(() => parse(`file=a${text}`))).toMatchObject({ code: "bad-request" });
    },
  );

  test.each([".", "..", "a/../b", "a/./b", "../a", "a/..", "a/%2e%2e/b", "a/../devices/dev:1/b"])(
    "[NF-3.9] for %j, the key of no file, finds none",
    (key) => {
      for (const door of ["chunk", "sample"] as const) {
        expect(thrownBy(() => parseChunkRequest(`file=${key}`, door))).toMatchObject({
          code: "file-not-found",
        });
      }
    },
  );

  test("[NF-3.9] for a key that is too long for S3 finds no file", () => {
    expect(parse(`file=${"a".repeat(1024)}`).key).toHaveLength(1024);
    expect(thrownBy(() => parse(`file=${"a".repeat(1025)}`))).toMatchObject({ code: "file-not-found" });
    expect(thrownBy(() => parse(`file=${"é".repeat(513)}`))).toMatchObject({ code: "file-not-found" });
  });
});

test("[NF-4.1] at the sample's door a chunk has 249 bytes, whatever size says", () => {
  expect(parseChunkRequest("file=a.py&chunk=2", "sample")).toEqual({ key: "a.py", chunk: 2, size: 249 });
  expect(parseChunkRequest("file=a.py&size=6000", "sample")).toEqual({ key: "a.py", chunk: 1, size: 249 });
  expect(249 % 3).toBe(0);
});
