import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { appendCrc, splitCrc } from "../../../agent/notecard/request-crc.ts";

const sequence = fc.integer({ min: 0, max: 0xf_ffff });

describe("request crc", () => {
  test("is the last member, in upper-case hexadecimal", () => {
    const checksum = crc32('{"req":"card.version"}').toString(16).toUpperCase().padStart(8, "0");
    expect(appendCrc('{"req":"card.version"}', 0x2f)).toBe(`{"req":"card.version","crc":"002F:${checksum}"}`);
  });

  test("keeps a space in an empty object, without which note-c reports a CRC error", () => {
    expect(appendCrc("{}", 1)).toBe('{ "crc":"0001:A3A6BF43"}');
  });

  test("carries a sequence of more than four digits, as note-python counts", () => {
    expect(appendCrc("{}", 0x1_0002)).toContain('"crc":"10002:');
  });

  test("reads what note-python writes: lower case, no space in an empty object", () => {
    expect(splitCrc('{"crc":"00af:a3a6bf43"}')).toEqual({ json: "{}", sequence: 0xaf, crcOk: true });
  });

  test("mirrors any object and any sequence", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), sequence, (value, number) => {
        const json = JSON.stringify(value);
        expect(splitCrc(appendCrc(json, number))).toEqual({ json, sequence: number, crcOk: true });
      }),
    );
  });

  test("notices any changed character of the text", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), sequence, fc.nat(), (value, number, at) => {
        const line = appendCrc(JSON.stringify({ ...value, z: 0 }), number);
        const index = at % (line.indexOf('"crc"') - 2);
        const changed = `${line.slice(0, index)}${line[index] === "x" ? "y" : "x"}${line.slice(index + 1)}`;
        expect(splitCrc(changed)?.crcOk).not.toBe(true);
      }),
    );
  });

  test.each([
    '{"req":"card.version"}',
    '{"crc":"0001:00000000","req":"card.version"}',
    '{"a":1 "crc":"0001:00000000"}',
    '{"a":"\\"crc\\":\\"0001:00000000\\""}',
    '{"a":1,"crc":"1:00000000"}',
    '{"a":1,"crc":"0001:0000000g"}',
    "",
  ])("finds none in %s", (line) => {
    expect(splitCrc(line)).toBeUndefined();
  });

  test("never throws on random text", () => {
    fc.assert(fc.property(fc.string(), (text) => void splitCrc(text)));
  });
});
