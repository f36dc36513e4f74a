import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyRefused } from "../../protocol/key-refused.ts";
import { checkPath } from "../../protocol/path.ts";
import { anyKey } from "../support/arbitrary-key.ts";
import { thrownBy } from "../support/thrown-by.ts";

describe("[NF-1.4] a path", () => {
  test.each([
    ["empty", ""],
    ["absolute", "/etc/passwd"],
    ["only a slash", "/"],
    ["an empty segment", "a//b"],
    ["a trailing slash", "a/"],
    ["a dot", "."],
    ["a dot segment", "a/./b"],
    ["two dots", ".."],
    ["two dots first", "../a"],
    ["two dots inside", "a/../../b"],
    ["two dots last", "a/.."],
    ["a backslash", "a\\b"],
    ["two dots behind a backslash", "..\\a"],
    ["a NUL", "a\u0000b"],
    ["a line feed at the end", "a\n"],
    ["an escape", "a\u001b[2J"],
    ["DEL", "a\u007f"],
    ["a C1 control", "a\u0085b"],
    ["half a surrogate pair", "a\ud83d"],
    ["the other half", "\ude00a"],
  ])("with %s is refused", (_what, refused) => {
    const error = thrownBy(() => checkPath(refused));
    expect(error).toBeInstanceOf(KeyRefused);
    expect(error).toMatchObject({ name: "KeyRefused", reason: "path" });
  });

  test.each([
    "a",
    "app/main.py",
    "...",
    "..a/b..",
    ".hidden",
    "a b",
    "a+b%20c",
    "a:b",
    "-rf",
    "~",
    "$HOME",
    "naïve/語/😀.bin",
    "__proto__",
    "constructor/toString",
  ])("such as %j is accepted", (accepted) => {
    expect(thrownBy(() => checkPath(accepted))).toBeUndefined();
  });

  test("that is accepted names exactly one place, below the root", () => {
    fc.assert(
      fc.property(
        fc.oneof(anyKey, fc.string({ unit: fc.constantFrom("a", ".", "/", "\\", "\n") })),
        (text) => {
          const error = thrownBy(() => checkPath(text));
          if (error !== undefined) return error instanceof KeyRefused;
          const place = path.posix.join("/base", text);
          return place.startsWith("/base/") && place.slice("/base/".length) === text;
        },
      ),
      { numRuns: 2000 },
    );
  });
});
