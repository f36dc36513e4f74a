import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joinTarget, rangeOf, unfit } from "../../../../../local/blues/notehub/proxy/target.ts";

describe("joinTarget", () => {
  test.each([
    ["https://h.test", "?file=a&chunk=1", "/?file=a&chunk=1"],
    ["https://h.test", "/?file=a", "/?file=a"],
    ["https://h.test", "files/a", "/files/a"],
    ["https://h.test", "/files/a", "/files/a"],
    ["https://h.test/", "/files/a", "//files/a"],
    ["https://h.test/", "files/a", "/files/a"],
    ["https://h.test", "", "/"],
    ["https://h.test/stage", "?file=a", "/stage?file=a"],
    ["https://h.test/stage", "files/a", "/stage/files/a"],
    ["https://h.test/stage", "/files/a?x=1", "/stage/files/a?x=1"],
    ["https://h.test", "/a/../b/./c//d", "/a/../b/./c//d"],
    ["https://h.test", "/%2e%2E/%2F%zz+x", "/%2e%2E/%2F%zz+x"],
    ["https://h.test", "/a b\u00fc\u{1f600}\n", "/a%20b%C3%BC%F0%9F%98%80%0A"],
    ["https://h.test", "/a#b", "/a"],
    ["https://h.test", "/\ud800", "/%EF%BF%BD"],
  ])("joins %s and %j to %s", (url, name, target) => {
    expect(joinTarget(url, name).target).toBe(target);
  });

  test("leaves every printable ASCII character but # and space as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
        const printable = text.replaceAll(/[^!-~]|#/g, "");
        expect(joinTarget("https://h.test", `/${printable}`).target).toBe(`/${printable}`);
      }),
    );
  });

  test("makes of any name a target that fits a request line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        expect(joinTarget("https://h.test/stage", name).target).toMatch(/^\/[!-~]*$/);
      }),
    );
  });
});

test.each([
  [undefined, undefined, undefined],
  [0, 100, "bytes=0-99"],
  [8192, 8192, "bytes=8192-16383"],
  [undefined, 1, "bytes=0-0"],
  [5, undefined, "bytes=5-"],
])("offset %j and max %j are %j", (offset, max, range) => {
  expect(rangeOf(offset, max)).toBe(range);
});

test.each([
  [{ route: "r", name: "x".repeat(253) }, undefined],
  [{ route: "r", name: "x".repeat(254) }, /\{too-big\}/],
  [{ route: "r".repeat(254), name: "" }, /\{too-big\}/],
  [{ route: "r", name: "", content: "x".repeat(99) }, undefined],
  [{ route: "r", name: "", content: "x".repeat(100) }, /\{too-big\}/],
])("fields must fit their places", (request, reason) => {
  if (reason === undefined) expect(unfit(request)).toBeUndefined();
  else expect(unfit(request)).toMatch(reason);
});
