import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Announcement, parseAnnouncement } from "../../protocol/announcement.ts";
import { formatPacked, packedKey, parsePacked } from "../../protocol/packed.ts";
import { baseName, withoutPayload, withRepresentations } from "../../protocol/representation.ts";
import { announcementOf, arbitrarySha256 } from "./support/announcements.ts";

const BODY_MAX = 250;
const bodyBytes = (body: unknown) => Buffer.byteLength(JSON.stringify(body));

const arbitraryMade = fc.record({
  zstd: fc.option(fc.integer({ min: 1, max: 10_000_000 }), { nil: undefined }),
  patches: fc.array(fc.record({ base: arbitrarySha256, bytes: fc.integer({ min: 1, max: 99_999 }) }), {
    maxLength: 6,
  }),
  payload: fc.option(
    fc.record({ base: arbitrarySha256, patch: fc.uint8Array({ minLength: 1, maxLength: 300 }) }),
    { nil: undefined },
  ),
});
const arbitraryAnnouncement = fc
  .record({ name: fc.string({ minLength: 1, maxLength: 110 }), sha256: arbitrarySha256 })
  .map(announcementOf);

describe("what an announcement says of representations", () => {
  test("never makes its body longer than a Note carries, and is read as it was written [NF-10.4]", () => {
    fc.assert(
      fc.property(arbitraryAnnouncement, arbitraryMade, (announcement, made) => {
        const { announcement: body, payload } = withRepresentations(announcement, made);
        expect(bodyBytes(body)).toBeLessThanOrEqual(Math.max(BODY_MAX, bodyBytes(announcement)));
        expect(parseAnnouncement(JSON.parse(JSON.stringify(body)))).toEqual(body);
        expect(payload === undefined).toBe(body.b === undefined);
        expect(payload?.length ?? 0).toBeLessThanOrEqual(250);
      }),
    );
  });

  test("is added in the order payload, patches, zstd: what is left out is what did not fit [NF-10.4]", () => {
    const made = {
      zstd: 1234,
      patches: ["B", "C", "D", "E"].map((letter) => ({ base: letter.repeat(43), bytes: 300 })),
      payload: { base: "B".repeat(43), patch: new Uint8Array(84) },
    };
    const saidOf = (nameLength: number) => {
      const { announcement } = withRepresentations(announcementOf({ name: "n".repeat(nameLength) }), made);
      return [announcement.b !== undefined, announcement.p?.length ?? 0, announcement.z !== undefined];
    };
    const said = Array.from({ length: 110 }, (_, at) => saidOf(at + 1).join(" "));
    expect([...new Set(said)]).toEqual([
      "true 3 true",
      "true 3 false",
      "true 2 true",
      "true 2 false",
      "true 1 true",
      "true 1 false",
      "true 0 true",
      "true 0 false",
      "false 0 true",
      "false 0 false",
    ]);
  });

  test("names no patch from the base that the payload starts from", () => {
    const base = "B".repeat(43);
    const payload = { base, patch: new Uint8Array(84) };
    const made = { patches: [{ base, bytes: 84 }], payload };
    const note = withRepresentations(announcementOf({}), made);
    expect(note.announcement).toMatchObject({ b: baseName(base) });
    expect(note.announcement.p).toBeUndefined();
    expect(withoutPayload(note)).toEqual({
      announcement: { ...announcementOf({}), p: [[baseName(base), 84]] },
    });
  });

  test("stays within the bound without its payload too, and keeps its order [NF-10.4]", () => {
    fc.assert(
      fc.property(arbitraryAnnouncement, arbitraryMade, (announcement, made) => {
        const { announcement: body, payload } = withoutPayload(withRepresentations(announcement, made));
        expect([body.b, payload]).toEqual([undefined, undefined]);
        expect(bodyBytes(body)).toBeLessThanOrEqual(Math.max(BODY_MAX, bodyBytes(announcement)));
        expect(parseAnnouncement(body)).toEqual(body);
      }),
    );
  });

  test("is nothing where the order is unknown [NF-10.2]", () => {
    const unordered: Announcement = { ...announcementOf({}), seq: undefined };
    const made = { zstd: 10, patches: [], payload: { base: "B".repeat(43), patch: new Uint8Array(3) } };
    expect(withRepresentations(unordered, made)).toEqual({ announcement: unordered });
  });

  test.each([
    ["z", [0, -1, 1.5, "84", null, {}]],
    ["p", [{}, [["short", 1]], [["AAAAAAAA", 0]], [["AAAAAAAA"]], Array(17).fill(["AAAAAAAA", 1])]],
    ["b", ["", "AAAAAAA", "AAAAAAAAA", "AAAA/AAA", 7, null]],
  ])("is ignored where %s makes no sense, and the rest counts [NF-2.1]", (member, values) => {
    for (const value of values) {
      const read = parseAnnouncement({ ...announcementOf({}), z: 5, b: "BBBBBBBB", [member]: value });
      const { [member]: _, ...rest } = { ...announcementOf({}), z: 5, b: "BBBBBBBB" } as Record<
        string,
        unknown
      >;
      expect(read).toEqual(rest);
    }
  });
});

describe("the name of a packed content", () => {
  test("is read as it was written, and nothing else is read [NF-10.1]", () => {
    fc.assert(
      fc.property(arbitrarySha256, fc.option(arbitrarySha256, { nil: undefined }), (sha256, base) => {
        const packed = base === undefined ? { sha256 } : { sha256, base };
        expect(parsePacked(formatPacked(packed))).toEqual(packed);
        expect(encodeURI(formatPacked(packed))).toBe(formatPacked(packed));
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 90 }), (text) => {
        const packed = parsePacked(text);
        if (packed !== undefined) expect(formatPacked(packed)).toBe(text);
      }),
    );
    for (const name of [
      "",
      "/",
      "..",
      "a".repeat(42),
      `${"a".repeat(43)}/`,
      `${"a".repeat(43)}/../x`,
      `${"a".repeat(43)}\n`,
    ])
      expect(parsePacked(name), name).toBeUndefined();
  });

  test("leads to one key each", () => {
    expect(packedKey({ sha256: "S" })).toBe("zstd/S");
    expect(packedKey({ sha256: "S", base: "B" })).toBe("patch/S/B");
  });
});
