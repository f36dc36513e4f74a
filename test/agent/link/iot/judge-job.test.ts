import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Job } from "../../../../agent/link/iot/job-message.ts";
import { giveUp, judgeJob, type ManifestWord } from "../../../../agent/link/iot/judge-job.ts";

const SHA = "A".repeat(43);
const jobOf = (serial: number, target = "thing:pump"): Job => ({
  ...{ id: "nf-1", status: "IN_PROGRESS", version: 2, execution: 1 },
  announced: { for: target, sig: "S", at: "https://x", notice: { serial, sha256: SHA, size: 1 } },
});
const OUTCOME = { installed: 2, unchanged: 0, removed: 0, bytes: 9, requests: 1 };
const judge = (serial: number, word: ManifestWord) => judgeJob(jobOf(serial), "thing:pump", () => word);

describe("a job [NF-13.5]", () => {
  test.each<[string, ManifestWord, object]>([
    ["is gone on with where nothing is known", {}, { do: "go-on" }],
    [
      "is gone on with where an older manifest was told",
      { serial: 4, told: { serial: 4, isWhole: true, hasLeft: true } },
      { do: "go-on" },
    ],
    ["is gone on with while its manifest is carried out", { serial: 5 }, { do: "go-on" }],
    [
      "is stuck while its receipt has not left",
      { serial: 5, told: { serial: 5, isWhole: true, hasLeft: false } },
      { do: "stuck" },
    ],
    [
      "is stuck while files wait",
      { serial: 5, told: { serial: 5, isWhole: false, hasLeft: true } },
      { do: "stuck" },
    ],
    [
      "is stuck while its manifest cannot be had",
      { failure: { sha256: SHA, reason: "route", isFinal: false } },
      { do: "stuck" },
    ],
    [
      "has failed where its manifest is none",
      { failure: { sha256: SHA, reason: "unreadable", isFinal: true } },
      { do: "end", end: { status: "FAILED", reason: "unreadable" } },
    ],
    [
      "is gone on with where another manifest was none",
      { failure: { sha256: "B", reason: "unreadable", isFinal: true } },
      { do: "go-on" },
    ],
    [
      "has succeeded once all is told",
      { serial: 5, told: { serial: 5, isWhole: true, hasLeft: true, outcome: OUTCOME } },
      { do: "end", end: { status: "SUCCEEDED", serial: 5, outcome: OUTCOME } },
    ],
    [
      "has failed where a file failed for good",
      {
        serial: 5,
        told: {
          serial: 5,
          isWhole: true,
          hasLeft: true,
          outcome: { ...OUTCOME, failure: ["a", "failed", "run"] },
        },
      },
      { do: "end", end: { status: "FAILED" } },
    ],
    [
      "has succeeded where a newer manifest is gone by",
      { serial: 6 },
      { do: "end", end: { status: "SUCCEEDED", serial: 6 } },
    ],
    [
      "is the newer manifest's end where that was told",
      {
        serial: 6,
        told: {
          serial: 6,
          isWhole: true,
          hasLeft: true,
          outcome: { ...OUTCOME, failure: ["a", "failed", "run"] },
        },
      },
      { do: "end", end: { status: "FAILED", serial: 6 } },
    ],
  ])("%s", (_what, word, verdict) => {
    expect(judge(5, word)).toMatchObject(verdict);
  });

  test("always ends: nothing but what was known before is waited for for ever", () => {
    const word = fc.record(
      {
        serial: fc.integer({ min: 1, max: 9 }),
        told: fc.record({
          serial: fc.integer({ min: 1, max: 9 }),
          isWhole: fc.boolean(),
          hasLeft: fc.boolean(),
        }),
        failure: fc.record({ sha256: fc.constantFrom(SHA, "B"), reason: fc.string(), isFinal: fc.boolean() }),
      },
      { requiredKeys: [] },
    );
    const property = fc.property(word, fc.integer({ min: 1, max: 9 }), (known, serial) => {
      const verdict = judge(serial, known);
      // Once its own manifest, or a newer one, was told whole and that has left, there is nothing to wait for.
      const top = Math.max(known.serial ?? 0, serial);
      const isTold = known.told?.serial === top && known.told.isWhole && known.told.hasLeft;
      if (isTold || (known.serial ?? 0) > serial)
        expect(verdict.do === "end" || known.told?.serial === serial).toBe(true);
      if (verdict.do === "end" && verdict.end.serial !== undefined)
        expect(verdict.end.serial).toBeGreaterThanOrEqual(serial);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test("that has been stuck for too long has failed, with what is known of it", () => {
    const told = { serial: 5, isWhole: false, hasLeft: true, outcome: OUTCOME };
    expect(giveUp(jobOf(5), () => ({ told }), "files are still waited for")).toEqual({
      ...{ status: "FAILED", serial: 5, outcome: OUTCOME, reason: "files are still waited for" },
    });
    expect(giveUp(jobOf(6), () => ({ told }), "x").outcome).toBeUndefined();
  });
});
