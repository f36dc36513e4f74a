import fc from "fast-check";
import { expect, test } from "vitest";
import { logLines } from "../../../../local/aws/lambda/log-lines.ts";

function linesOf(chunks: readonly Buffer[]): string[] {
  const lines: string[] = [];
  const log = logLines((line) => lines.push(line));
  for (const chunk of chunks) log.write(chunk);
  log.end();
  return lines;
}

test("the lines are the same however the output is cut into chunks", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "é", "😀", "\n", "\r", " ") });
  fc.assert(
    fc.property(text, fc.array(fc.nat(60)), (output, cuts) => {
      const bytes = Buffer.from(output);
      const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].toSorted(
        (a, b) => a - b,
      );
      const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
      expect(linesOf(chunks)).toEqual(output.split(/[\r\n]+/).filter((line) => line !== ""));
    }),
  );
});

test("output without a newline does not grow in memory", () => {
  const lines: string[] = [];
  const log = logLines((line) => lines.push(line));
  for (let written = 0; written < 10; written += 1) log.write(Buffer.alloc(100_000, "x"));
  expect(lines.length).toBeGreaterThanOrEqual(3);
  log.end();
  expect(lines.join("")).toHaveLength(1_000_000);
});
