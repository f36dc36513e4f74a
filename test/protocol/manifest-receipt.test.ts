import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../protocol/inventory.ts";
import { exceptionOf, exceptionsIn, type ManifestException } from "../../protocol/manifest-exceptions.ts";
import { formatManifestReceipt, parseManifestReceipt } from "../../protocol/manifest-receipt.ts";
import { FLEET } from "./support/manifests.ts";

const counts = { fleet: FLEET, serial: 7, installed: 1, unchanged: 2, removed: 0, bytes: 99, requests: 1 };

const arbitraryException: fc.Arbitrary<ManifestException> = fc
  .record({
    path: fc.stringMatching(/^[a-z/]{1,60}$/),
    state: fc.constantFrom("failed", "refused", "held-back", "waiting"),
    reason: fc.constantFrom("run", "", "disk-full", "file-not-found"),
    sha256: fc.option(fc.stringMatching(/^[0-9A-Za-z_-]{8}$/), { nil: undefined }),
    ended: fc.constantFrom(undefined, "exit 3", "SIGSEGV"),
  })
  .map(exceptionOf);
const listed = (...all: ManifestException[]) => exceptionsIn({ not: all });
const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);

describe("the receipt of a manifest", () => {
  test("is read as it was written, with the exceptions that have room and the number of all [NF-11.12]", () => {
    const exceptions = fc.uniqueArray(arbitraryException, { maxLength: 60, selector: ([path]) => path });
    fc.assert(
      fc.property(exceptions, (all) => {
        const receipt = { ...formatManifestReceipt(counts, [], all), n: 1 };
        expect(parseManifestReceipt(JSON.parse(JSON.stringify(receipt)))).toEqual(receipt);
        const found = exceptionsIn(receipt);
        expect(listed(...all)).toEqual(expect.arrayContaining(found));
        expect(new Set(found.map(({ path }) => path)).size).toBe(found.length);
        const { not = [], exceptions: number } = receipt;
        expect(number).toBe(not.length < all.length ? all.length : undefined);
        expect(Buffer.byteLength(JSON.stringify(receipt))).toBeLessThanOrEqual(1300);
      }),
    );
  });

  test("tells of each of thirty files what failed and why, and every kind of failure, whatever has room [NF-11.12]", () => {
    const folder = "opt/station-controller/lib/python3/site-packages/station";
    const unit = Array.from({ length: 30 }, (_, at) =>
      exceptionOf({
        ...{ path: `${folder}/module_${at}.py`, state: "failed", reason: "run" },
        ...{ sha256: `${at}`.padStart(43, "A"), ended: "exit 127" },
      }),
    );
    const other = exceptionOf({ path: "big", state: "waiting", reason: "disk-full", sha256: "B".repeat(43) });
    const receipt = formatManifestReceipt(counts, [], [...unit, other]);
    expect(receipt.not).toEqual([unit[0], other]); // which is what an older reader sees
    expect(exceptionsIn(receipt).sort(byPath)).toEqual(listed(...unit, other).sort(byPath));
    expect(receipt.exceptions).toBe(31);
    const many = Array.from({ length: 500 }, (_, at): ManifestException => [`app/${at}`, "failed", "run"]);
    const crowded = formatManifestReceipt(counts, [], [...many, other]);
    expect(crowded.not?.at(-1)).toEqual(other);
    expect(crowded.exceptions).toBe(501);
    expect(exceptionsIn(crowded).length).toBeGreaterThan(60);
    expect(Buffer.byteLength(JSON.stringify(crowded))).toBeLessThanOrEqual(1300);
  });

  test.each([
    [[["x", "failed", "run", "not-a-digest", 7]], undefined, [["x", "failed", "run"]]],
    [
      [["x", "failed", "run", "AAAAAAAA", "exit 3", "more"]],
      undefined,
      [["x", "failed", "run", "AAAAAAAA", "exit 3"]],
    ],
    [[["x", "failed", "run"]], [[9, "", "y", ""]], [["x", "failed", "run"]]],
    [
      [["x", "failed", "run"]],
      [[0, "f/", "", "", "x"]],
      [
        ["x", "failed", "run"],
        ["f/", "failed", "run"],
      ],
    ],
    [
      [["x", "failed", "run"]],
      [[0, "", "x", "AAAAAAAA", "y", "odd"]],
      [
        ["x", "failed", "run"],
        ["y", "failed", "run"],
      ],
    ],
    [[["x", "failed", "run"]], "odd", [["x", "failed", "run"]]],
    [[["x", "failed", "run"]], [[0, "", "y".repeat(40_000), ""]], [["x", "failed", "run"]]],
    [undefined, [[0, "", "y", ""]], []],
  ])("is read as far as it makes sense: %j with %j [NF-11.12]", (not, alike, means) => {
    const receipt = { ...formatManifestReceipt(counts, [], []), n: 1, not, alike };
    const read = parseManifestReceipt(JSON.parse(JSON.stringify(receipt)));
    expect(exceptionsIn(read ?? {})).toEqual(listed(...(means as ManifestException[])));
  });

  test("says what is there as an inventory does [NF-11.12]", () => {
    const there = [{ path: "a", sha256: "A".repeat(43) }];
    expect(formatManifestReceipt(counts, there, []).digest).toBe(digestOf(there));
  });

  test.each([
    { state: "installed" },
    { serial: 0 },
    { fleet: "dev:1" },
    { digest: "x" },
    { n: 0 },
    { installed: -1 },
  ])("with %j is none [NF-11.12]", (wrong) => {
    const receipt = { ...formatManifestReceipt(counts, [], []), n: 1 };
    expect(parseManifestReceipt({ ...receipt, ...wrong })).toBeUndefined();
  });

  test("is read without a list that makes no sense: no receipt is lost for it [NF-11.12]", () => {
    const receipt = { ...formatManifestReceipt(counts, [], []), n: 1 };
    expect(parseManifestReceipt({ ...receipt, not: [["x", "odd", ""]], exceptions: -1 })).toEqual(receipt);
  });
});
