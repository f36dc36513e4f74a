import { expect, test } from "vitest";
import { rawNote } from "../../agent/link/queued-notes.ts";

test("a Note nested deeper than can be written again announces nothing, and ends nothing", () => {
  const depth = 20_000;
  const body: unknown = JSON.parse(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);
  expect(rawNote("1", body)).toEqual({ id: "1", text: "too deep" });
});
