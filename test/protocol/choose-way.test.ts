import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openWays, type PayloadPatch } from "../../protocol/choose-way.ts";
import { baseName } from "../../protocol/representation.ts";
import { announcementOf, arbitrarySha256 } from "./support/announcements.ts";

const MIB = 1024 * 1024;
const unpacking = { zstdMaxBytes: 64 * MIB, patchMaxBytes: 2 * MIB };
const [A, B, C, D] = ["A", "B", "C", "D"].map((letter) => letter.repeat(43)) as [
  string,
  string,
  string,
  string,
];

const patchOf = (base: string, sha256: string, size = 7268): PayloadPatch => {
  return { base: baseName(base), sha256, size, patch: new Uint8Array(84) };
};
const waysOf = (...args: Parameters<typeof openWays>) =>
  openWays(...args).map(({ way, bytes }) => `${way} ${bytes}`);

describe("the ways that are open to a device", () => {
  const announcement = announcementOf({
    sha256: D,
    z: 2000,
    p: [
      [baseName(A), 300],
      [baseName(B), 200],
    ],
    b: baseName(C),
  });

  test("come with the fewest bytes first [NF-10.5]", () => {
    const payloads = [patchOf(C, D)];
    expect(waysOf(announcement, undefined, payloads, unpacking)).toEqual(["zstd 2000", "whole 7268"]);
    expect(waysOf(announcement, { sha256: A, size: 7000 }, payloads, unpacking)).toEqual([
      "patch 300",
      "zstd 2000",
      "whole 7268",
    ]);
    expect(waysOf(announcement, { sha256: C, size: 7000 }, payloads, unpacking)).toEqual([
      "note 0",
      "zstd 2000",
      "whole 7268",
    ]);
  });

  test("are the whole file alone where the order is unknown [NF-10.2]", () => {
    const there = { sha256: C, size: 7000 };
    expect(waysOf({ ...announcement, seq: undefined }, there, [patchOf(C, D)], unpacking)).toEqual([
      "whole 7268",
    ]);
  });

  test("name what to fetch by the whole digest of what is there, which the announcement cannot [NF-10.1]", () => {
    const [patch] = openWays(announcement, { sha256: B, size: 10 }, [], unpacking);
    expect(patch).toEqual({ way: "patch", bytes: 200, packed: { sha256: D, base: B } });
  });

  test("leave out what is no shorter than the file [NF-10.2]", () => {
    const { size } = announcement;
    const idle = { ...announcement, z: size, p: [[baseName(A), size]] satisfies [string, number][] };
    expect(waysOf(idle, { sha256: A, size: 7000 }, [], unpacking)).toEqual([`whole ${size}`]);
  });

  test("leave out what the device cannot unpack, by either side's size", () => {
    const small = { zstdMaxBytes: 7267, patchMaxBytes: 7267 };
    const there = { sha256: A, size: 100 };
    expect(waysOf(announcement, there, [patchOf(A, D)], small)).toEqual(["whole 7268"]);
    expect(waysOf(announcement, { ...there, size: 9000 }, [], { ...small, patchMaxBytes: 8999 })).toEqual([
      "whole 7268",
    ]);
  });

  test("lead over every update that was slept through, whatever the order in which it is found [NF-10.5]", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (order) => {
        const all = [patchOf(A, B), patchOf(B, C), patchOf(C, D)];
        const payloads = order.flatMap((at) => all[at] ?? []);
        const [way] = openWays(announcement, { sha256: A, size: 7000 }, payloads, unpacking);
        expect(way).toEqual({ way: "note", bytes: 0, patches: all });
      }),
    );
    expect(
      waysOf(
        { ...announcement, p: [] },
        { sha256: A, size: 7000 },
        [patchOf(A, B), patchOf(C, D)],
        unpacking,
      ),
    ).toEqual(["zstd 2000", "whole 7268"]);
  });

  test("end, whatever payloads claim to start from each other", () => {
    const digests = fc.constantFrom(A, B, C, D);
    fc.assert(
      fc.property(fc.array(fc.tuple(digests, digests), { maxLength: 40 }), digests, (edges, there) => {
        const payloads = edges.map(([base, sha256]) => patchOf(base, sha256));
        for (const way of openWays(announcement, { sha256: there, size: 7000 }, payloads, unpacking)) {
          if (way.way !== "note") continue;
          expect(way.patches[0]?.base).toBe(baseName(there));
          expect(way.patches.at(-1)?.sha256).toBe(D);
          for (const [at, patch] of way.patches.slice(1).entries())
            expect(patch.base).toBe(baseName(way.patches[at]?.sha256 ?? ""));
        }
      }),
    );
    const chain = Array.from({ length: 40 }, (_, at) => patchOf(String(at).repeat(43).slice(0, 43), A));
    expect(waysOf(announcementOf({ sha256: A }), { sha256: B, size: 1 }, chain, unpacking)).toEqual([
      "whole 7268",
    ]);
  });

  test("do not lead over more than four contents of the largest size", () => {
    const chain = (steps: number, size: number) =>
      Array.from({ length: steps }, (_, at) => {
        const digest = (index: number) => (index === steps ? D : String.fromCharCode(70 + index).repeat(43));
        return patchOf(digest(at), digest(at + 1), size);
      });
    const first = { sha256: "F".repeat(43), size: 100 };
    const wayWith = (steps: number, size: number) =>
      openWays(announcementOf({ sha256: D }), first, chain(steps, size), unpacking)[0]?.way;
    expect(wayWith(4, 2 * MIB)).toBe("note");
    expect(wayWith(5, 2 * MIB)).toBe("whole");
    expect(wayWith(16, (2 * MIB) / 4)).toBe("note");
    expect(wayWith(17, 10)).toBe("whole");
  });

  test("name one patch for a base, however often it is named", () => {
    const p: [string, number][] = [
      [baseName(A), 300],
      [baseName(A), 20],
      [baseName(A), 40],
    ];
    const repeated = announcementOf({ sha256: D, p });
    expect(waysOf(repeated, { sha256: A, size: 7000 }, [], unpacking)).toEqual(["patch 300", "whole 7268"]);
  });

  test("always have the whole file among them, and nothing twice as long before it", () => {
    fc.assert(
      fc.property(
        arbitrarySha256,
        fc.array(fc.tuple(arbitrarySha256, fc.integer({ min: 1, max: 9000 })), { maxLength: 5 }),
        fc.nat(9000),
        (sha256, bases, z) => {
          const p = bases.map(([base, bytes]): [string, number] => [baseName(base), bytes]);
          const there = { sha256: bases[0]?.[0] ?? sha256, size: 7000 };
          const ways = openWays(announcementOf({ sha256, p, z }), there, [], unpacking);
          expect(ways.filter(({ way }) => way === "whole")).toHaveLength(1);
          for (const [at, way] of ways.slice(1).entries())
            expect(ways[at]?.bytes).toBeLessThanOrEqual(way.bytes);
        },
      ),
    );
  });
});
