import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatManifest,
  type Manifest,
  manifestDigest,
  nextSerial,
  parseManifest,
} from "../../protocol/manifest.ts";
import { diffFiles } from "../../protocol/manifest-diff.ts";
import { arbitraryManifest, FLEET, fileOf } from "./support/manifests.ts";

const bytesOf = (json: unknown) => Buffer.from(JSON.stringify(json));
const read = (json: unknown) => parseManifest(bytesOf(json));
const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);

/** Absent and undefined are one. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe("a manifest", () => {
  test("is read as it was written, files in the order of their paths [NF-11.1]", () => {
    fc.assert(
      fc.property(arbitraryManifest, (manifest) => {
        const found = parseManifest(Buffer.from(formatManifest(manifest)));
        expect(plain(found)).toEqual(plain({ ...manifest, files: manifest.files.toSorted(byPath) }));
      }),
    );
  });

  test("has one text for one meaning, whatever the order in which its files were found [NF-11.2]", () => {
    fc.assert(
      fc.property(arbitraryManifest, fc.infiniteStream(fc.nat()), (manifest, random) => {
        const shuffled = manifest.files
          .map((file) => ({ file, at: random.next().value ?? 0 }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ file }) => file);
        const text = formatManifest(manifest);
        expect(formatManifest({ ...manifest, files: shuffled })).toBe(text);
        const again = parseManifest(Buffer.from(text));
        expect(again && formatManifest(again)).toBe(text);
      }),
    );
  });

  test("says nothing that is the default, and nothing twice [NF-11.1] [NF-11.2]", () => {
    const manifest: Manifest = { fleet: FLEET, serial: 7, prune: false, files: [fileOf("b"), fileOf("a/x")] };
    expect(formatManifest(manifest)).toBe(
      `{"fleet":"fleet:0f3a-1","serial":7,"files":[["a/x",100,"${"A".repeat(43)}","v-a/x"],["b",100,"${"A".repeat(43)}","v-b"]]}`,
    );
    expect(
      formatManifest({ ...manifest, prune: true, files: [fileOf("p", { key: "p", seq: "AAAA", z: 9 })] }),
    ).toBe(
      `{"fleet":"fleet:0f3a-1","serial":7,"prune":true,"files":[["p",100,"${"A".repeat(43)}","v-p",{"key":"p","seq":"AAAA","z":9}]]}`,
    );
    expect(manifestDigest(formatManifest(manifest))).toMatch(/^[0-9A-Za-z_-]{43}$/);
  });

  const sha256 = "A".repeat(43);
  const entry = (path: string, more?: object) => [path, 1, sha256, "v1", ...(more ? [more] : [])];
  const of = (...files: unknown[]) => ({ fleet: FLEET, serial: 1, files });

  test.each([
    ["a path that leads out", of(entry("../x"))],
    ["a path twice", of(entry("x"), entry("x", { key: "x" }))],
    ["a key of another path", of(entry("x", { key: `fleets/${FLEET}/y` }))],
    ["a key of another fleet", of(entry("x", { key: "fleets/fleet:other/x" }))],
    ["a key of a device", of(entry("x", { key: "devices/dev:1/x" }))],
    ["a share of more than all", of(entry("x", { share: [101, "salt"] }))],
    ["a share that is no number", of(entry("x", { share: ["10", "salt"] }))],
    ["a version before that is none", of(entry("x", { share: [10, "salt"], previous: [1, "short", "v0"] }))],
    ["the version that is not one", of(["x", 1, sha256, "null"])],
    ["a size below nothing", of(["x", -1, sha256, "v1"])],
    ["no files", { fleet: FLEET, serial: 1 }],
    ["no fleet", { serial: 1, files: [] }],
    ["a serial of 0", { fleet: FLEET, serial: 0, files: [] }],
    ["2,001 files", of(...Array.from({ length: 2001 }, (_, at) => entry(`f${at}`)))],
    ["no JSON object", []],
  ])("with %s is none [NF-11.1]", (_, json) => {
    expect(read(json)).toBeUndefined();
  });

  test("with broken UTF-8 is none: a path would have another name [NF-11.1]", () => {
    const text = JSON.stringify(of(entry("x#")));
    expect(parseManifest(Buffer.from(text.replace("#", "é")))?.files[0]?.path).toBe("xé");
    expect(parseManifest(Buffer.from(text.replace("#", "\u00e9"), "latin1"))).toBeUndefined();
  });

  test("is read with members of a later version, and with 2,000 files [NF-11.1]", () => {
    const files = Array.from({ length: 2000 }, (_, at) => entry(`f${at}`, { later: true, seq: 7 }));
    const found = read({ later: [], ...of(...files) });
    expect(found?.files.length).toBe(2000);
    expect(found?.files[0]).toMatchObject({ path: "f0", key: `fleets/${FLEET}/f0`, version: "v1" });
    expect(found?.files[0]?.seq).toBeUndefined();
  });

  test("from a stranger is read or not, and never throws [NF-11.1]", () => {
    const mangled = fc
      .tuple(arbitraryManifest, fc.nat(), fc.uint8Array({ maxLength: 3 }))
      .map(([manifest, at, put]) => {
        const text = Buffer.from(formatManifest(manifest));
        const cut = at % (text.length + 1);
        return Buffer.concat([text.subarray(0, cut), put, text.subarray(cut + put.length)]);
      });
    fc.assert(
      fc.property(fc.oneof(mangled, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const found = parseManifest(bytes);
        if (found !== undefined)
          expect(new Set(found.files.map(({ path }) => path)).size).toBe(found.files.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a serial", () => {
  const now = Date.UTC(2026, 0, 1);

  test("is the seconds since 2020, or one more than the last [NF-11.3]", () => {
    expect(nextSerial(undefined, Date.UTC(2020, 0, 1) + 5_999)).toBe(5);
    expect(nextSerial(undefined, now)).toBe(189_388_800);
    expect(nextSerial(189_388_799, now)).toBe(189_388_800);
    expect(nextSerial(189_388_800, now)).toBe(189_388_801);
    expect(nextSerial(999_999_999, now)).toBe(1_000_000_000);
  });

  test("grows, also where the last was forgotten and time went on [NF-11.3]", () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), fc.integer({ min: 1, max: 10_000 }), (updates, seconds) => {
        // As many updates as there were seconds at most, which is what a pause of 5 s sees to.
        const last = nextSerial(undefined, now) + Math.min(updates, seconds);
        expect(nextSerial(undefined, now + (seconds + 1) * 1000)).toBeGreaterThan(last);
        expect(nextSerial(last, now)).toBeGreaterThan(last);
      }),
    );
  });
});

describe("what leads from one manifest to another", () => {
  test("is what has another version, share or version before, and what left", () => {
    const before = [fileOf("a"), fileOf("b"), fileOf("c"), fileOf("d")];
    const after = [
      fileOf("a", { z: 5, seq: "AAAA" }),
      fileOf("b", { version: "v2" }),
      fileOf("d", { share: [10, "s"], previous: fileOf("d") }),
      fileOf("e"),
    ];
    const { changed, left } = diffFiles(before, after);
    expect(changed.map(({ path }) => path)).toEqual(["b", "d", "e"]);
    expect(left.map(({ path }) => path)).toEqual(["c"]);
  });

  test("is nothing from a manifest to itself, and applied to the one gives the other", () => {
    fc.assert(
      fc.property(arbitraryManifest, arbitraryManifest, ({ files: before }, { files: after }) => {
        expect(diffFiles(before, before)).toEqual({ changed: [], left: [] });
        const { changed, left } = diffFiles(before, after);
        const applied = new Map(before.map((file) => [file.path, file]));
        for (const { path } of left) applied.delete(path);
        for (const file of changed) applied.set(file.path, file);
        expect([...applied.keys()].toSorted()).toEqual(after.map(({ path }) => path).toSorted());
        for (const file of after) expect(applied.get(file.path)?.version).toBe(file.version);
      }),
    );
  });
});

test.each([
  ["entries", (many: string) => `[${many}]`],
  ["patches of an entry", (many: string) => `[["a",1,"${"A".repeat(43)}","v1",{"p":[${many}]}]]`],
])("of hundreds of thousands of %s none is looked at [NF-11.1]", (_, files) => {
  const bytes = Buffer.from(`{"fleet":"fleet:1","serial":1,"files":${files(`${"[],".repeat(400_000)}[]`)}}`);
  const took = (work: () => unknown): number => {
    const begin = performance.now();
    work();
    return performance.now() - begin;
  };
  const least = Math.min(...[1, 2, 3].map(() => took(() => JSON.parse(bytes.toString()))));
  // Ten times as long as to read the text at most; a hundred times as long, and gigabytes, if each were.
  expect(took(() => parseManifest(bytes))).toBeLessThan(25 * least + 500);
  expect(parseManifest(bytes)?.files[0]?.p).toBeUndefined();
});
