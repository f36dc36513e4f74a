import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CobsMalformed, decodeCobs, encodeCobs } from "../../../agent/notecard/cobs.ts";

/** Bytes with the values that matter to COBS often enough to meet its corners. */
const bytes = fc
  .array(
    fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 255 }) }, fc.constantFrom(0, 0x0a, 0xff)),
    {
      maxLength: 1200,
    },
  )
  .map((values) => Uint8Array.from(values));

describe("cobs", () => {
  // With end-of-packet byte 0 these are the examples of the paper and of Wikipedia's table.
  test.each([
    ["", "01"],
    ["00", "0101"],
    ["0000", "010101"],
    ["001100", "01021101"],
    ["11220033", "0311220233"],
    ["11223344", "0511223344"],
    ["11000000", "0211010101"],
  ])("encodes %j as %s", (plain, encoded) => {
    expect(encodeCobs(Buffer.from(plain, "hex"), 0).toString("hex")).toBe(encoded);
    expect(decodeCobs(Buffer.from(encoded, "hex"), 0).toString("hex")).toBe(plain);
  });

  test("XORs every byte with the end-of-packet byte", () => {
    expect(encodeCobs(Buffer.from([0x0a, 0x00, 0x31]))).toEqual(Buffer.from([0x08, 0x00, 0x08, 0x3b]));
  });

  test("writes a code byte after a full run, as note-c does", () => {
    const run = Buffer.alloc(254, 0x55);
    const encoded = encodeCobs(run, 0);
    expect(encoded.length).toBe(256);
    expect([encoded[0], encoded[255]]).toEqual([0xff, 0x01]);
    expect(decodeCobs(encoded, 0)).toEqual(run);
  });

  test("decodes a full run that ends without one, as other encoders do", () => {
    const run = Buffer.alloc(254, 0x55);
    expect(decodeCobs(Buffer.concat([Buffer.from([0xff]), run]), 0)).toEqual(run);
  });

  test("round-trips any bytes, without the end-of-packet byte, within the promised growth", () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 255 }), (plain, eop) => {
        const encoded = encodeCobs(plain, eop);
        expect(encoded.includes(eop)).toBe(false);
        expect(encoded.length).toBeLessThanOrEqual(plain.length + Math.floor(plain.length / 254) + 1);
        expect(Buffer.compare(decodeCobs(encoded, eop), plain)).toBe(0);
      }),
    );
  });

  test("refuses an empty packet, a truncated one and one with the end-of-packet byte inside", () => {
    const encoded = encodeCobs(Buffer.from([1, 2, 3, 4, 5]));
    expect(() => decodeCobs(Buffer.alloc(0))).toThrow(CobsMalformed);
    expect(() => decodeCobs(encoded.subarray(0, 4))).toThrow(CobsMalformed);
    expect(() => decodeCobs(Buffer.from([0x0a]))).toThrow(CobsMalformed);
    expect(() => decodeCobs(Buffer.from([0x03 ^ 0x0a, 0x41, 0x0a]))).toThrow(CobsMalformed);
  });

  test("decodes random bytes or throws CobsMalformed, and what it decodes was a packet", () => {
    fc.assert(
      fc.property(bytes, (packet) => {
        let plain: Buffer;
        try {
          plain = decodeCobs(packet);
        } catch (error) {
          expect(error).toBeInstanceOf(CobsMalformed);
          return;
        }
        expect(Buffer.compare(decodeCobs(encodeCobs(plain)), plain)).toBe(0);
      }),
    );
  });
});
