import { expect, test } from "vitest";
import { createProgress, formatBar } from "../../../../operator/cli/put/progress.ts";

const context = (isTTY: boolean, env = {}) => {
  const written: string[] = [];
  const stream = { isTTY, write: (text: string) => written.push(text) };
  const rest = { cwd: "", signal: new AbortController().signal, ask: undefined };
  return { written, context: { process: { stdout: stream, stderr: stream }, env, ...rest } };
};

test.each([
  [0, 1000, "[------------------------] 0 %, 0 bytes of 1.0 KB"],
  [500, 1000, "[############------------] 50 %, 500 bytes of 1.0 KB"],
  [999, 1000, "[#######################-] 99 %, 999 bytes of 1.0 KB"],
  [2000, 1000, "[########################] 100 %, 2.0 KB of 1.0 KB"],
  [0, 0, "[########################] 100 %, 0 bytes of 0 bytes"],
])("%i of %i bytes", (sent, total, bar) => {
  expect(formatBar(sent, total)).toBe(bar);
});

test("a terminal sees it, ten times a second at the most, and not beside a result", () => {
  let now = 0;
  const { written, context: terminal } = context(true);
  const progress = createProgress(terminal, 100, () => now);
  for (; now < 500; now += 10) progress.add(1);
  progress.clear();
  progress.clear();
  expect(written).toHaveLength(5 + 1);
  expect(written.at(-1)).toBe("\r\u001b[K");
});

test.each([
  [false, {}],
  [true, { TERM: "dumb" }],
])("a pipe or a dumb terminal sees none: %#", (isTTY, env) => {
  const { written, context: plain } = context(isTTY, env);
  const progress = createProgress(plain, 100, () => 0);
  progress.add(50);
  progress.clear();
  expect(written).toEqual([]);
});
