import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createLineSplitter,
  type SerialLine,
} from "../../../../../local/blues/notecard/serial/line-splitter.ts";

const line = fc
  .uint8Array({ maxLength: 60 })
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x0a)));

/** Cuts bytes at random places. */
const splits = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 });

function feed(bytes: Buffer, sizes: number[], maxBytes: number): SerialLine[] {
  const split = createLineSplitter(maxBytes);
  const lines: SerialLine[] = [];
  let at = 0;
  for (const size of sizes) {
    lines.push(...split(bytes.subarray(at, at + size)));
    at += size;
  }
  return [...lines, ...split(bytes.subarray(at))];
}

test("gives the same lines however their bytes were split", () => {
  fc.assert(
    fc.property(fc.array(line), splits, (lines, sizes) => {
      const bytes = Buffer.concat(lines.flatMap((one) => [one, Buffer.from("\n")]));
      expect(feed(bytes, sizes, 1_000)).toEqual(lines.map((one) => ({ bytes: one })));
    }),
  );
});

test("drops what is too long and nothing else, however it was split", () => {
  fc.assert(
    fc.property(fc.array(line), splits, fc.nat(60), (lines, sizes, max) => {
      const bytes = Buffer.concat(lines.flatMap((one) => [one, Buffer.from("\n")]));
      const expected = lines.map((one) => (one.length > max ? { tooLong: true } : { bytes: one }));
      expect(feed(bytes, sizes, max)).toEqual(expected);
    }),
  );
});

test("keeps an unfinished line for later", () => {
  const split = createLineSplitter(10);
  expect(split(Buffer.from("abc"))).toEqual([]);
  expect(split(Buffer.from("def\ngh"))).toEqual([{ bytes: Buffer.from("abcdef") }]);
  expect(split(Buffer.from("\n"))).toEqual([{ bytes: Buffer.from("gh") }]);
});
