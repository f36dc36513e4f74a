import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ByteRange,
  formatRangeHeader,
  parseContentRange,
  parseRangeHeader,
} from "../../protocol/byte-range.ts";
import { RequestError } from "../../protocol/errors.ts";
import { thrownBy } from "../support/thrown-by.ts";

const PAST_ANY_FILE = Number.MAX_SAFE_INTEGER - 1;

describe("a Range header", () => {
  test.each<[string, ByteRange]>([
    ["bytes=0-0", { first: 0, last: 0 }],
    ["bytes=0-249", { first: 0, last: 249 }],
    ["bytes=250-", { first: 250 }],
    ["bytes=-1", { suffix: 1 }],
    ["bytes=-0", { suffix: 0 }], // valid, and never satisfiable (RFC 9110 §14.1.2)
    ["Bytes=0-1", { first: 0, last: 1 }],
    ["bytes= 0-999", { first: 0, last: 999 }], // as in the examples of §14.1.2
    ["bytes=,0-1 ,\t,", { first: 0, last: 1 }], // a recipient passes over empty elements (§5.6.1)
    ["bytes=007-0010", { first: 7, last: 10 }],
    ["bytes=4294967296-4294967297", { first: 2 ** 32, last: 2 ** 32 + 1 }],
    [`bytes=${"9".repeat(400)}-`, { first: PAST_ANY_FILE }],
    [`bytes=0-${"9".repeat(30)}`, { first: 0, last: PAST_ANY_FILE }],
    [`bytes=-${"9".repeat(30)}`, { suffix: PAST_ANY_FILE }],
  ])("[NF-5.2] %s is a range", (header, range) => {
    expect(parseRangeHeader(header)).toEqual(range);
  });

  test.each(["bytes=0-0,2-3", "bytes=0-0,0-0", "bytes=-1,0-", "bytes= 0-999, 4500-5499, -1000"])(
    "[NF-5.2] %s has several ranges, which are out of range",
    (header) => {
      expect(thrownBy(() => parseRangeHeader(header))).toMatchObject({
        name: "RequestError",
        code: "out-of-range",
        status: 416,
      });
    },
  );

  test.each([
    "",
    "bytes",
    "=0-1",
    "bytes=",
    "bytes=,",
    "bytes=-",
    "bytes=1",
    "bytes=5-4",
    "bytes=a-b",
    "bytes=0-1x",
    "bytes=0x0-1",
    "bytes=+0-1",
    "bytes=--1",
    "bytes=-1-2",
    "bytes=0-1-2",
    "bytes=1.0-2",
    "bytes=1e3-",
    "bytes=0 - 1",
    "bytes=0-1;2-3",
    "bytes =0-1",
    "by tes=0-1",
    "bytes:0-1",
    "0-1",
    "bytes=٠-١",
    "bytes=0-1,x",
    "bytes==0-1",
  ])("[NF-5.3] %j is malformed", (header) => {
    expect(thrownBy(() => parseRangeHeader(header))).toMatchObject({ code: "bad-request", status: 400 });
  });

  test.each(["lines=0-1", "seconds=1-2,5-6", "x=", "bytes2=zzz", "items=a-b"])(
    "[NF-5.3] %s is in another unit, which is ignored",
    (header) => {
      expect(parseRangeHeader(header)).toBeUndefined();
    },
  );

  test("reads back as the range it was made of", () => {
    const position = fc.integer({ min: 0, max: PAST_ANY_FILE });
    const range = fc.oneof(
      position.map((suffix): ByteRange => ({ suffix })),
      position.map((first): ByteRange => ({ first })),
      fc
        .tuple(position, position)
        .map(([a, b]): ByteRange => ({ first: Math.min(a, b), last: Math.max(a, b) })),
    );
    fc.assert(
      fc.property(range, (made) => {
        expect(parseRangeHeader(formatRangeHeader(made))).toEqual(made);
      }),
    );
  });

  test("is read, ignored or refused with a reason, whatever it is", () => {
    const almost = fc
      .array(fc.constantFrom("bytes", "=", "-", ",", " ", "0", "9", "12345678901234567890", "\t", "x"), {
        maxLength: 12,
      })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(almost, fc.string({ unit: "binary" })), (header) => {
        const error = thrownBy(() => {
          const range = parseRangeHeader(header);
          if (range === undefined) return;
          expect(Object.values(range).every((value) => Number.isSafeInteger(value) && value >= 0)).toBe(true);
        });
        return error === undefined || error instanceof RequestError;
      }),
      { numRuns: 3000 },
    );
  });
});

describe("[NF-5.1] a Content-Range header", () => {
  test.each([
    ["bytes 0-0/1", { offset: 0, length: 1, total: 1 }],
    ["bytes 250-499/1000", { offset: 250, length: 250, total: 1000 }],
    ["bytes 4294967296-4294967299/5000000000", { offset: 2 ** 32, length: 4, total: 5e9 }],
    ["Bytes 0-1/2", { offset: 0, length: 2, total: 2 }],
  ])("is read: %s", (header, extent) => {
    expect(parseContentRange(header)).toEqual(extent);
  });

  test.each([
    "",
    "bytes */1000",
    "bytes 0-0/*",
    "bytes 1-0/2",
    "bytes 0-1/1",
    "bytes 0-0/0",
    "bytes=0-1/2",
    "bytes  0-1/2",
    "bytes 0-1",
    "bytes 0-1/2, bytes 0-1/2",
    "lines 0-1/2",
    `bytes 0-1/${"9".repeat(16)}`,
    "bytes 0-1/2\n",
  ])("that says no such thing is not: %j", (header) => {
    expect(parseContentRange(header)).toBeUndefined();
  });

  test("says where the bytes lie, for every extent within a file", () => {
    const numbers = fc.tuple(
      fc.integer({ min: 0, max: 1e13 }),
      fc.integer({ min: 1, max: 1e7 }),
      fc.integer({ min: 0, max: 1e13 }),
    );
    fc.assert(
      fc.property(numbers, ([offset, length, more]) => {
        const total = offset + length + more;
        expect(parseContentRange(`bytes ${offset}-${offset + length - 1}/${total}`)).toEqual({
          offset,
          length,
          total,
        });
      }),
    );
  });
});
