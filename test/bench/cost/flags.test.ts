import { expect, test } from "vitest";
import { parseCostFlags, USAGE } from "../../../bench/cost/flags.ts";

test("without flags it is the fleet of docs/COSTS.md", () => {
  expect(parseCostFlags([])).toEqual({
    ...{ devices: 1000, files: 30, updates: 52, json: false },
    limits: { perMinute: 7, perDay: 10_200 },
  });
});

test("every flag is taken, and in the usage", () => {
  const numbers = ["devices", "files", "updates", "calls-per-minute", "calls-per-day"];
  const args = numbers.flatMap((name, at) => [`--${name}`, String(at + 1)]);
  expect(parseCostFlags([...args, "--json"])).toEqual({
    ...{ devices: 1, files: 2, updates: 3, json: true },
    limits: { perMinute: 4, perDay: 5 },
  });
  for (const name of [...numbers, "json", "help"]) expect(USAGE).toContain(`--${name}`);
  expect(parseCostFlags(["--help"])).toBeUndefined();
});

test.each([
  ["--devices", "0"],
  ["--files", "2001"],
  ["--updates", "0"],
  ["--devices", "many"],
  ["--file", "3"],
])("%s %s is refused by its name", (flag, value) => {
  expect(() => parseCostFlags([`${flag}=${value}`])).toThrow(flag);
});
