import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../protocol/inventory.ts";
import {
  formatManifestReceipt,
  type ManifestException,
  parseManifestReceipt,
} from "../../protocol/manifest-receipt.ts";
import { FLEET } from "./support/manifests.ts";

const counts = { fleet: FLEET, serial: 7, installed: 1, unchanged: 2, removed: 0, bytes: 99, requests: 1 };

describe("the receipt of a manifest", () => {
  test("is read as it was written, with the exceptions that have room and the number of all [NF-11.12]", () => {
    const arbitraryException: fc.Arbitrary<ManifestException> = fc.tuple(
      fc.stringMatching(/^[a-z/]{1,60}$/),
      fc.constantFrom("failed", "refused", "held-back", "waiting"),
      fc.stringMatching(/^[a-z-]{0,40}$/),
    );
    fc.assert(
      fc.property(fc.array(arbitraryException, { maxLength: 60 }), (exceptions) => {
        const receipt = { ...formatManifestReceipt(counts, [], exceptions), n: 1 };
        expect(parseManifestReceipt(JSON.parse(JSON.stringify(receipt)))).toEqual(receipt);
        const { not = [] } = receipt;
        expect(not).toEqual(exceptions.slice(0, not.length));
        expect(receipt.exceptions).toBe(not.length < exceptions.length ? exceptions.length : undefined);
        expect(Buffer.byteLength(JSON.stringify(receipt))).toBeLessThanOrEqual(1300);
      }),
    );
  });

  test("stays one small Note, whatever failed [NF-11.12]", () => {
    const exceptions = Array.from(
      { length: 500 },
      (_, at): ManifestException => [`app/${at}`, "failed", "run"],
    );
    const receipt = formatManifestReceipt(counts, [], exceptions);
    expect(receipt.exceptions).toBe(500);
    expect(receipt.not?.length).toBeGreaterThan(30);
    expect(Buffer.byteLength(JSON.stringify(receipt))).toBeLessThanOrEqual(1300);
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
