import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatStep, parseStep, patchesByPath } from "../../protocol/manifest-step.ts";
import { formatPacked, packedKey, parsePacked } from "../../protocol/packed.ts";
import { fileOf } from "./support/manifests.ts";

const STEP_MAX = 8192;

const arbitraryPatch = fc.record({
  index: fc.nat(1999),
  base: fc.stringMatching(/^[0-9A-Za-z_-]{8}$/),
  patch: fc.uint8Array({ maxLength: 250 }).map((bytes) => Buffer.from(bytes)),
});
const arbitraryStep = fc.record({
  manifest: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  patches: fc.array(arbitraryPatch, { maxLength: 60 }),
});

describe("a step", () => {
  test("is read as it was written, but for patches that had no room [NF-11.7]", () => {
    fc.assert(
      fc.property(arbitraryStep, (step) => {
        const bytes = formatStep(step);
        expect(bytes?.length).toBeLessThanOrEqual(STEP_MAX);
        const read = bytes && parseStep(bytes);
        expect(read?.manifest).toEqual(step.manifest);
        const room = step.patches.every(({ patch }) => patch.length < 100);
        if (room) expect(read?.patches).toEqual(step.patches);
        for (const patch of read?.patches ?? []) expect(step.patches).toContainEqual(patch);
      }),
    );
  });

  test("takes a short patch where a longer one before it had no room [NF-11.7]", () => {
    const patch = (index: number, length: number) => ({
      index,
      base: "AAAAAAAA",
      patch: Buffer.alloc(length),
    });
    const bytes = formatStep({
      manifest: Buffer.alloc(8000),
      patches: [patch(0, 250), patch(1, 20)],
    });
    expect(bytes && parseStep(bytes)?.patches.map(({ index }) => index)).toEqual([1]);
  });

  test("has no patch of more than 250 bytes [NF-11.7]", () => {
    const patches = [251, 250].map((length, index) => ({
      index,
      base: "AAAAAAAA",
      patch: Buffer.alloc(length),
    }));
    const bytes = formatStep({ manifest: Buffer.alloc(1), patches });
    expect(bytes && parseStep(bytes)?.patches.map(({ index }) => index)).toEqual([1]);
  });

  test("is not made where the manifest's patch alone is too long [NF-11.7]", () => {
    expect(formatStep({ manifest: Buffer.alloc(STEP_MAX), patches: [] })).toBeUndefined();
    expect(formatStep({ manifest: Buffer.alloc(STEP_MAX - 3), patches: [] })?.length).toBe(STEP_MAX);
  });

  test("has the bytes that the contract says [NF-11.7]", () => {
    const step = {
      manifest: Buffer.from("M"),
      patches: [{ index: 300, base: "AQIDBAUG", patch: Buffer.from("P") }],
    };
    expect(Buffer.from(formatStep(step) ?? []).toString("hex")).toBe("01014dac020102030405060150");
  });

  test.each([
    ["of another form", "02014d"],
    ["that is empty", ""],
    ["cut in its manifest", "01024d"],
    ["cut in a base", "01014d00010203"],
    ["cut in a patch", "01014d000102030405060250"],
    ["with a number that does not end", "01ffffffff01"],
  ])("%s is none [NF-11.7]", (_, hex) => {
    expect(parseStep(Buffer.from(hex, "hex"))).toBeUndefined();
  });

  test("from a stranger is read or not, and never throws [NF-11.7]", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const read = parseStep(Uint8Array.of(1, ...bytes));
        const total = (read?.patches ?? []).reduce((sum, { patch }) => sum + patch.length, 0);
        expect(total).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 1000 },
    );
  });

  test("gives a patch for each file that it names [NF-11.7]", () => {
    const patch = Buffer.from("p");
    const files = [fileOf("a", { size: 5 }), fileOf("b", { sha256: "B".repeat(43) })];
    const byPath = patchesByPath(
      [
        { index: 1, base: "AAAAAAAA", patch },
        { index: 2, base: "AAAAAAAA", patch },
      ],
      files,
    );
    expect([...byPath]).toEqual([["b", { base: "AAAAAAAA", sha256: "B".repeat(43), size: 100, patch }]]);
  });
});

describe("what the packed bucket holds of a fleet", () => {
  const [sha256, base] = ["A".repeat(43), "B".repeat(43)];

  test.each([
    [{ sha256, manifest: true as const }, `manifest/${sha256}`, `manifest/${sha256}`],
    [{ sha256, base, manifest: true as const }, `manifest/${sha256}/${base}`, `step/${sha256}/${base}`],
  ])("is named so, and kept so [NF-11.6]", (packed, name, key) => {
    expect(formatPacked(packed)).toBe(name);
    expect(parsePacked(name)).toEqual(packed);
    expect(packedKey(packed)).toBe(key);
  });

  test.each([
    `manifest/`,
    `manifest/${sha256}/`,
    `Manifest/${sha256}`,
    `manifest/${sha256}/${base}/x`,
    `step/${sha256}`,
  ])("is not named %s [NF-11.6]", (name) => {
    expect(parsePacked(name)).toBeUndefined();
  });
});
