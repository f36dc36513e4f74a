import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSecretPair } from "../../protocol/secret-pair.ts";

test("both halves are read, without the blanks that pasting leaves", () => {
  expect(parseSecretPair('{"current":" a\\n","previous":"\\tb "}')).toEqual({ current: "a", previous: "b" });
  expect(parseSecretPair('{"current":"a","more":1}')).toEqual({ current: "a", previous: "" });
});

test.each([undefined, "", "a", "null", "[]", "{}", '{"current":""}', '{"current":" \\n"}', '{"current":1}'])(
  "%j is none",
  (text) => {
    expect(parseSecretPair(text)).toBeUndefined();
  },
);

test("no text at all throws", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const pair = parseSecretPair(text);
      expect(pair === undefined || pair.current !== "").toBe(true);
    }),
  );
});
