import fc from "fast-check";
import { expect, test } from "vitest";
import { cutTo, fitWidths } from "../../../../operator/cli/terminal/fit-widths.ts";
import { colour, formatTable } from "../../../../operator/cli/terminal/print.ts";
import { printable } from "../../../../operator/cli/terminal/printable.ts";
import { workingFolder } from "../../../../operator/cli/working-folder.ts";
import { formatBytes } from "../../../../operator/words/format-bytes.ts";

const context = (env: Record<string, string>) => {
  const stream = { write: () => undefined };
  return {
    ...{ process: { stdout: stream, stderr: stream }, env, cwd: "" },
    ...{ signal: new AbortController().signal, ask: undefined },
  };
};

test.each<[Record<string, string>, boolean, boolean]>([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: "0" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ TERM: "dumb" }, true, false],
])("with %o on a terminal (%s) there are colours: %s", (env, isTTY, coloured) => {
  expect(colour(context(env), { isTTY }, "red", "x")).toBe(coloured ? "\u001b[31mx\u001b[39m" : "x");
});

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1000, "1.0 KB"],
  [99_900, "99.9 KB"],
  [999_499, "999 KB"],
  [999_500, "1.0 MB"],
  [5 * 1024 ** 3, "5.4 GB"],
])("%i bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("text of others moves no cursor, and breaks no table", () => {
  expect(printable("a\u001b[2Jb\tc\nd\u202ee\ud800")).toBe("a\ufffd[2Jb\ufffdc\ufffdd\ufffde\ufffd");
  expect(formatTable({ isTTY: false }, ["A", "B"], [["x\ty", "z"]])).toBe("x\ufffdy\tz\n");
  expect(formatTable({ isTTY: true }, ["A", "B"], [["long", "z"]])).toBe("A     B\nlong  z\n");
});

const REASON = "because ".repeat(40);
const WIDE: [string, string][] = [
  ["dev:864475046552567", REASON],
  ["dev:864475046552568", "run"],
];

test("a long reason gives way on a terminal, and is whole elsewhere", () => {
  const lines = formatTable({ isTTY: true, columns: 60 }, ["DEVICE", "REASON"], WIDE).split("\n");
  expect(lines).toEqual([
    "DEVICE               REASON",
    `dev:864475046552567  ${REASON.slice(0, 38)}…`,
    "dev:864475046552568  run",
    "",
  ]);
  expect(formatTable({ isTTY: false, columns: 60 }, ["DEVICE", "REASON"], WIDE)).toContain(REASON);
});

test("sentences give way before names, and neither what is copied from a table", () => {
  const header = ["PATH", "REASON", "SINCE"];
  expect(fitWidths(header, [60, 200, 24], 200)).toEqual([60, 112, 24]);
  expect(fitWidths(header, [60, 200, 24], 100)).toEqual([56, 16, 24]);
  expect(fitWidths(header, [60, 200, 24], 20)).toEqual([44, 16, 24]);
  expect(fitWidths(header, [60, 20, 24], 500)).toEqual([60, 20, 24]);
});

test("no character is cut in two, and no table is wider than its longest cells", () => {
  expect(cutTo("ab\u{1f600}c", 4)).toBe("ab…");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 20 }), (text, chars) => {
      const cut = cutTo(text, chars);
      expect(cut.length).toBeLessThanOrEqual(Math.max(chars, 1));
      if (text.isWellFormed()) expect(cut.isWellFormed()).toBe(true);
      if (text.length <= chars) expect(cut).toBe(text);
    }),
  );
});

test("what goes on has no header of its own, and its columns", () => {
  expect(formatTable({ isTTY: true }, ["A", "B"], [["x", "long"]], true)).toBe("x  long\n");
});

test("under npm run paths are relative to where it was called", () => {
  expect(workingFolder({ npm_lifecycle_event: "noteferry", INIT_CWD: "/there" }, "/here")).toBe("/there");
  expect(workingFolder({ npm_lifecycle_event: "test", INIT_CWD: "/there" }, "/here")).toBe("/here");
});
