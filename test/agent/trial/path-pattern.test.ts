import fc from "fast-check";
import { expect, test } from "vitest";
import { compilePattern } from "../../../agent/trial/path-pattern.ts";

/** What a pattern means, said by a regular expression. */
function meaningOf(pattern: string): RegExp {
  const source = pattern.replaceAll(/\*\*\/?|[*?]|[\\^$.+()[\]{}|]/g, (token) => {
    if (token === "**/") return "(?:.*/)?";
    if (token === "**") return ".*";
    if (token === "*") return "[^/]*";
    return token === "?" ? "[^/]" : `\\${token}`;
  });
  return new RegExp(`^${source}$`, "su");
}

test("a pattern matches what its regular expression does", () => {
  const piece = fc.constantFrom("a", "b", "/", "*", "**", "**/", "?", ".", "é", "😀", "\n");
  const pattern = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
  const character = fc.constantFrom("a", "b", "/", ".", "é", "😀", "\n");
  const path = fc.array(character, { maxLength: 8 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(pattern, path, (each, candidate) => {
      expect(compilePattern(each)(candidate)).toBe(meaningOf(each).test(candidate));
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  ["*a", "a".repeat(60)],
  ["**a", "a".repeat(60)],
  ["**/", "a/".repeat(30)],
  ["**/*a", `${"a/".repeat(10)}${"a".repeat(40)}`],
])("no pattern takes long: %j again and again, on a path that it all but matches", (piece, path) => {
  const fastest = (pattern: string) => {
    const matches = compilePattern(pattern);
    const times = Array.from({ length: 5 }, () => {
      const begin = performance.now();
      for (let turns = 0; turns < 20; turns += 1) expect(matches(path)).toBe(false);
      return performance.now() - begin;
    });
    return Math.min(...times);
  };
  // About as many places as the simple one has; going back at each would take a thousand times as long and more.
  expect(fastest(`${piece.repeat(6)}!`)).toBeLessThan(100 * fastest(`**${"?".repeat(12)}!`));
});
