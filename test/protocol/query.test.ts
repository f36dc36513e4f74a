import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RequestError } from "../../protocol/errors.ts";
import { KeyRefused } from "../../protocol/key-refused.ts";
import { decodeOnce, encodeKey, parseNumber, parseQuery } from "../../protocol/query.ts";
import { anyKey } from "../support/arbitrary-key.ts";
import { thrownBy } from "../support/thrown-by.ts";

describe("[NF-3.3] a key in an address", () => {
  test("is decoded exactly once, and + is a plus", () => {
    expect(decodeOnce("a+b%20c")).toBe("a+b c");
    expect(decodeOnce("100%2525")).toBe("100%25");
    expect(decodeOnce("a%2Fb/c")).toBe("a/b/c");
    expect(decodeOnce("%E8%AA%9E")).toBe("語");
  });

  test.each(["%", "%4", "%zz", "a%", "%u8a9e", "%ff", "%c3", "%c0%af", "%ed%a0%80", "%f8%80%80%80%80"])(
    "with the broken escape or broken UTF-8 %j is a bad request",
    (text) => {
      const error = thrownBy(() => decodeOnce(text));
      expect(error).toBeInstanceOf(RequestError);
      expect(error).toMatchObject({ code: "bad-request", cause: expect.any(URIError) });
    },
  );

  test("survives being encoded and decoded", () => {
    fc.assert(fc.property(anyKey, (key) => decodeOnce(encodeKey(key)) === key));
  });

  test("is encoded with nothing in it that a query, a path or a device client could misread", () => {
    fc.assert(fc.property(anyKey, (key) => /^[0-9A-Za-z/%!'()*~._-]*$/.test(encodeKey(key))));
    expect(encodeKey("a:b/c d+e%f&g=h?i#é")).toBe("a%3Ab/c%20d%2Be%25f%26g%3Dh%3Fi%23%C3%A9");
  });

  test.each(["\ud83d", "a\ude00b"])("cannot have half a surrogate pair: %j", (key) => {
    expect(thrownBy(() => encodeKey(key))).toBeInstanceOf(KeyRefused);
  });
});

describe("a query", () => {
  test("[NF-3.1] is read for the names that are known; others are ignored, whatever their value", () => {
    const query = parseQuery("file=a&utm=1&utm=2&x=%zz&__proto__=1&toString&&=&chunk=2", ["file", "chunk"]);
    expect([...query]).toEqual([
      ["file", "a"],
      ["chunk", "2"],
    ]);
  });

  test("[NF-3.2] with a parameter given twice is a bad request, even if escaped or equal", () => {
    for (const raw of ["file=a&file=a", "file=a&x=1&file=b", "file=a&%66ile=a", "file&file"]) {
      expect(thrownBy(() => parseQuery(raw, ["file"]))).toMatchObject({ code: "bad-request" });
    }
  });

  test("splits a pair at its first =, and takes a missing one for an empty value", () => {
    expect(parseQuery("file=a=b==", ["file"]).get("file")).toBe("a=b==");
    expect(parseQuery("file", ["file"]).get("file")).toBe("");
    expect(parseQuery("", ["file"]).get("file")).toBeUndefined();
    expect(parseQuery("FILE=a", ["file"]).get("file")).toBeUndefined();
  });
});

describe("[NF-3.2] a number", () => {
  const bounds = { min: 1, max: 9_999_999_999, digits: 10 };
  const BAD = [
    "",
    "0",
    "00",
    "01",
    "-1",
    "+1",
    "-0",
    "1.0",
    "1.",
    ".5",
    "1e3",
    "1E3",
    "0x10",
    "0b1",
    "1n",
    "1_000",
    "1,000",
    " 1",
    "1 ",
    "1\n",
    "abc",
    "NaN",
    "Infinity",
    "null",
    "true",
    "١", // an Arabic-Indic digit one
    "１", // a fullwidth digit one
    "10000000000",
    "99999999999999999999",
    "9".repeat(400),
  ];

  test.each(BAD)("that is none: %j", (text) => {
    const error = thrownBy(() => parseNumber("chunk", text, bounds));
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({ code: "bad-request", message: expect.stringContaining("chunk") });
  });

  test.each([
    ["1", 1],
    ["10", 10],
    ["9999999999", 9_999_999_999],
  ])("that is one: %j", (text, value) => {
    expect(parseNumber("chunk", text, bounds)).toBe(value);
  });

  test("may be 0 only where the bounds say so", () => {
    expect(parseNumber("offset", "0", { min: 0, max: 1, digits: 15 })).toBe(0);
    expect(thrownBy(() => parseNumber("offset", "00", { min: 0, max: 1, digits: 15 }))).toBeInstanceOf(
      RequestError,
    );
  });

  test("prints back as it was written, or is refused", () => {
    const text = fc.oneof(
      fc.string(),
      fc.nat().map(String),
      fc.stringMatching(/^[0-9]{1,12}$/),
      fc.double().map(String),
    );
    fc.assert(
      fc.property(text, (written) => {
        const error = thrownBy(() => expect(String(parseNumber("chunk", written, bounds))).toBe(written));
        return error === undefined || error instanceof RequestError;
      }),
      { numRuns: 1000 },
    );
  });
});
