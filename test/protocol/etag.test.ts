import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isEtag, isListed, parseEtag, parseEtagList, unquoteEtag } from "../../protocol/etag.ts";
import { anyEtag } from "../support/arbitrary-key.ts";
import { thrownBy } from "../support/thrown-by.ts";

describe("[NF-2.1] an etag", () => {
  test.each(["d41d8cd98f00b204e9800998ecf8427e", "9b2cf535f27731c974343645a3985328-5", "a", "f".repeat(64)])(
    "of S3 is one: %j",
    (etag) => {
      expect(isEtag(etag)).toBe(true);
    },
  );

  test.each(["", "f".repeat(65), '"abc"', "W/abc", "a b", "a\n", "a&b", "é", "a_b", "*"])(
    "%j is none",
    (etag) => {
      expect(isEtag(etag)).toBe(false);
    },
  );

  test("loses its quotes, and nothing else", () => {
    fc.assert(
      fc.property(anyEtag, (etag) => {
        expect(unquoteEtag(`"${etag}"`)).toBe(etag);
        expect(unquoteEtag(etag)).toBe(etag); // the member eTag of an S3 event has none
      }),
    );
  });

  test.each(['W/"abc"', '"abc', 'abc"', '"', '""', '""abc""', '"a", "b"', '"a b"', ""])(
    "that is weak or malformed is none: %j",
    (header) => {
      expect(unquoteEtag(header)).toBeUndefined();
    },
  );

  test("may be a request's parameter, or be absent; anything else is a bad request [NF-3.1]", () => {
    expect(parseEtag("abc")).toBe("abc");
    expect(parseEtag(undefined)).toBeUndefined();
    for (const text of ["", '"abc"', "a&b"]) {
      expect(thrownBy(() => parseEtag(text))).toMatchObject({ name: "RequestError", code: "bad-request" });
    }
  });
});

describe("[NF-5.9] an If-None-Match", () => {
  test.each([
    ['"abc"', true],
    ['W/"abc"', true], // the weak comparison
    ["abc", true],
    ["*", true],
    ['"x", "abc"', true],
    [' "x,y" ,, W/"abc" ', true],
    ['"x"', false],
    ['"abc,def"', false],
    ['""', false],
  ])("%s lists the etag abc: %s", (header, listed) => {
    expect(isListed("abc", parseEtagList(header))).toBe(listed);
  });

  test("that is absent lists nothing", () => {
    expect(isListed("abc", parseEtagList(undefined))).toBe(false);
  });

  test.each(["", ",", '"abc', 'abc"', 'w/"abc"', "a, b", "*, *", '"a" *', "Sat, 21 Nov 2026 04:20:00 GMT"])(
    "%j is a bad request",
    (header) => {
      expect(thrownBy(() => parseEtagList(header))).toMatchObject({ code: "bad-request" });
    },
  );
});
