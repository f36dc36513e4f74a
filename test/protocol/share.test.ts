import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { manifestForDevice } from "../../protocol/manifest-for-device.ts";
import {
  countInShares,
  formatRelease,
  isInShare,
  parsePercent,
  parseRelease,
  saltOf,
} from "../../protocol/share.ts";
import { fileOf } from "./support/manifests.ts";

const uids = Array.from({ length: 1000 }, (_, at) => `dev:${864475046000000 + at * 7919}`);
const inShare = (percent: number, salt: string) => uids.filter((uid) => isInShare([percent, salt], uid));

describe("a share", () => {
  test("of 1,000 devices is within 3 points of what was asked, and grows by more devices only [NF-11.8]", () => {
    for (const salt of ["a", "Zz_9-k", saltOf("3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY")]) {
      let before: string[] = [];
      for (const percent of [1, 10, 25, 50, 75, 90, 100]) {
        const now = inShare(percent, salt);
        expect(Math.abs(now.length / 10 - percent)).toBeLessThanOrEqual(3);
        expect(before.filter((uid) => !now.includes(uid))).toEqual([]);
        before = now;
      }
      expect(before.length).toBe(1000);
      expect(inShare(0, salt)).toEqual([]);
    }
  });

  test("is counted at each whole percent as it is at that one [NF-11.8]", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        fc.string(),
        fc.integer({ min: 0, max: 100 }),
        (devices, salt, percent) => {
          const counts = countInShares(salt, devices);
          expect(counts.length).toBe(101);
          expect(counts[percent]).toBe(devices.filter((uid) => isInShare([percent, salt], uid)).length);
        },
      ),
    );
  });

  test("of another salt has other devices first [NF-11.8]", () => {
    const [one, other] = [inShare(10, saltOf("one")), inShare(10, saltOf("other"))];
    expect(one.filter((uid) => other.includes(uid)).length).toBeLessThan(40);
  });

  test("is that of the release, where a version belongs to one whose name makes sense [NF-11.8]", () => {
    expect(saltOf("v1", "spring")).toBe(saltOf("v2", "spring"));
    expect(saltOf("v1")).not.toBe(saltOf("v2"));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (random) => {
        const release = formatRelease(random);
        expect(parseRelease(release)).toBe(release);
        expect(isInShare([100, saltOf("v", release)], "dev:1")).toBe(true);
      }),
    );
    for (const text of [undefined, "", " ", "a b", "ü", "x".repeat(33), "a\n"])
      expect(parseRelease(text)).toBeUndefined();
  });

  test("is the first four bytes of SHA-256(salt + UID), unsigned [NF-11.8]", () => {
    // printf 'salt1dev:864475046552567' | sha256sum
    const place = 0xd2664086 / 2 ** 32;
    expect(isInShare([place * 100 + 0.0001, "salt1"], "dev:864475046552567")).toBe(true);
    expect(isInShare([place * 100 - 0.0001, "salt1"], "dev:864475046552567")).toBe(false);
  });

  test.each([
    ["10", 10],
    ["10%", 10],
    [" 0.5 % ", 0.5],
    ["100%", 100],
    ["0", 0],
    ["101", undefined],
    ["-1", undefined],
    ["1e1", undefined],
    ["", undefined],
    ["ten", undefined],
    ["10%%", undefined],
    ["0.125", undefined],
  ])("is written as %j by people", (text, percent) => {
    expect(parsePercent(text)).toBe(percent);
  });
});

describe("what a manifest asks of a device", () => {
  const previous = { size: 1, sha256: "B".repeat(43), version: "v0" };
  const [uid = ""] = inShare(50, "s");
  const [outside = ""] = uids.filter((each) => !isInShare([50, "s"], each));

  test("is the newest version for those in its share, and what was for all before for the others [NF-11.9]", () => {
    const files = [
      fileOf("all"),
      fileOf("half", { share: [50, "s"], previous }),
      fileOf("new", { share: [50, "s"] }),
    ];
    const asked = (device: string) =>
      manifestForDevice({ files }, device).map(({ file, wanted, isHeldBack }) => [
        file.path,
        wanted.version,
        isHeldBack,
      ]);
    expect(asked(uid)).toEqual([
      ["all", "v-all", false],
      ["half", "v-half", false],
      ["new", "v-new", false],
    ]);
    expect(asked(outside)).toEqual([
      ["all", "v-all", false],
      ["half", "v0", true],
    ]);
  });

  test("is for every device exactly one of the two, whatever the share [NF-11.9]", () => {
    fc.assert(
      fc.property(fc.constantFrom(...uids), fc.integer({ min: 0, max: 100 }), (device, percent) => {
        const files = [fileOf("x", { share: [percent, "s"], previous })];
        const [asked] = manifestForDevice({ files }, device);
        expect(asked?.isHeldBack).toBe(!isInShare([percent, "s"], device));
      }),
    );
  });
});
