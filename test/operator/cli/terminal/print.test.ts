import { expect, test } from "vitest";
import { formatBytes } from "../../../../operator/cli/terminal/format-bytes.ts";
import { colour, formatTable } from "../../../../operator/cli/terminal/print.ts";
import { printable } from "../../../../operator/cli/terminal/printable.ts";
import { workingFolder } from "../../../../operator/cli/working-folder.ts";

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

test("under npm run paths are relative to where it was called", () => {
  expect(workingFolder({ npm_lifecycle_event: "noteferry", INIT_CWD: "/there" }, "/here")).toBe("/there");
  expect(workingFolder({ npm_lifecycle_event: "test", INIT_CWD: "/there" }, "/here")).toBe("/here");
});
