import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Announcement, checkAnnounceable, parseAnnouncement } from "../../protocol/announcement.ts";
import { chunkCount } from "../../protocol/chunk.ts";
import { formatChunkRequest, parseChunkRequest } from "../../protocol/chunk-request.ts";
import { KeyRefused } from "../../protocol/key-refused.ts";
import { anyEtag, requestableKey } from "../support/arbitrary-key.ts";
import { thrownBy } from "../support/thrown-by.ts";

const SHA256_OF_NOTHING = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
const ETAG = "d41d8cd98f00b204e9800998ecf8427e";
const S3_MAX_BYTES = 50 * 2 ** 40;

function announcement(change: Partial<Announcement> = {}): Announcement {
  return { name: "app/main.py", size: 1000, sha256: SHA256_OF_NOTHING, etag: ETAG, ...change };
}

function jsonBytes(of: Announcement): number {
  return Buffer.byteLength(JSON.stringify(of));
}

function longestRequest({ name, size, etag }: Announcement): string {
  return formatChunkRequest({ key: name, chunk: chunkCount(size, 6000), size: 6000, etag });
}

describe("[NF-2.1] the body of a Note", () => {
  test("is an announcement when it has the four members", () => {
    expect(parseAnnouncement(announcement())).toEqual(announcement());
  });

  test("may announce an empty file [NF-1.6]", () => {
    expect(parseAnnouncement(announcement({ size: 0 }))).toEqual(announcement({ size: 0 }));
  });

  test("may have members that no reader knows, even odd ones", () => {
    const body: unknown = JSON.parse(
      JSON.stringify(announcement()).replace("{", '{"patch":"AA==","__proto__":{"size":1},"constructor":7,'),
    );
    const parsed = parseAnnouncement(body);
    expect(parsed).toEqual(announcement());
    expect(Object.keys(parsed ?? {})).toEqual(["name", "size", "sha256", "etag"]);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  });

  test.each(["name", "size", "sha256", "etag"])("announces nothing without %s", (member) => {
    expect(parseAnnouncement({ ...announcement(), [member]: undefined })).toBeUndefined();
    const { [member]: _, ...rest }: Record<string, unknown> = announcement();
    expect(parseAnnouncement(rest)).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>]>([
    ["an empty name", { name: "" }],
    ["a name above S3's 1024 bytes", { name: "é".repeat(513) }],
    ["half a surrogate pair in its name", { name: "a\ud83d" }],
    ["a name that is no text", { name: ["a"] }],
    ["a negative size", { size: -1 }],
    ["half a byte", { size: 0.5 }],
    ["a size that is text", { size: "10" }],
    ["a size without end", { size: Number.POSITIVE_INFINITY }],
    ["a size that is no number", { size: Number.NaN }],
    ["a size beyond exact integers", { size: 2 ** 53 }],
    ["a short digest", { sha256: SHA256_OF_NOTHING.slice(1) }],
    ["a padded digest", { sha256: `${SHA256_OF_NOTHING}=` }],
    ["a digest with a line feed", { sha256: `${SHA256_OF_NOTHING}\n` }],
    ["a digest in plain base64", { sha256: SHA256_OF_NOTHING.replaceAll("-", "+") }],
    ["a quoted etag", { etag: `"${ETAG}"` }],
    ["an empty etag", { etag: "" }],
    ["an etag of 65 characters", { etag: "a".repeat(65) }],
    ["an etag that adds a parameter", { etag: "a&chunk=2" }],
  ])("announces nothing with %s", (_what, change) => {
    expect(parseAnnouncement({ ...announcement(), ...change })).toBeUndefined();
  });

  test("is read or passed over, whatever it is", () => {
    const almost = fc.record(
      { name: fc.anything(), size: fc.anything(), sha256: fc.anything(), etag: fc.anything() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything({ withNullPrototype: true }), fc.jsonValue(), almost), (body) => {
        const parsed = parseAnnouncement(body);
        return parsed === undefined || typeof parsed.name === "string";
      }),
      { numRuns: 2000 },
    );
  });
});

describe("[NF-1.5] a file is announced only if", () => {
  test("its announcement has at most 250 bytes", () => {
    const room = 250 - jsonBytes(announcement({ name: "" }));
    const atBound = announcement({ name: "a".repeat(room) });
    expect(jsonBytes(atBound)).toBe(250);
    expect(thrownBy(() => checkAnnounceable(atBound))).toBeUndefined();

    const above = announcement({ name: "a".repeat(room + 1) });
    expect(jsonBytes(above)).toBe(251);
    expect(thrownBy(() => checkAnnounceable(above))).toMatchObject({
      name: "KeyRefused",
      reason: "announcement-too-long",
      message: expect.stringContaining("251"),
    });
  });

  test("its announcement has at most 250 bytes of UTF-8 and of JSON, not characters", () => {
    const room = 250 - jsonBytes(announcement({ name: "" }));
    const quotes = announcement({ name: '"'.repeat(Math.floor(room / 2) + 1) });
    expect(quotes.name.length).toBeLessThan(room);
    expect(thrownBy(() => checkAnnounceable(quotes))).toMatchObject({ reason: "announcement-too-long" });
    const wide = announcement({ name: "語".repeat(Math.floor(room / 3) + 1) });
    expect(thrownBy(() => checkAnnounceable(wide))).toMatchObject({ reason: "announcement-too-long" });
  });

  test("its longest request has at most 253 characters", () => {
    const plain = announcement({ name: "", size: 6001 });
    const room = 253 - longestRequest(plain).length; // three characters for each space
    const name = " ".repeat(Math.floor(room / 3)) + "a".repeat(room % 3);
    const atBound = { ...plain, name };
    expect(longestRequest(atBound)).toHaveLength(253);
    expect(longestRequest(atBound)).toContain("&chunk=2&size=6000&etag=");
    expect(thrownBy(() => checkAnnounceable(atBound))).toBeUndefined();

    const above = { ...plain, name: `${name}a` };
    expect(jsonBytes(above)).toBeLessThan(250);
    expect(thrownBy(() => checkAnnounceable(above))).toMatchObject({
      name: "KeyRefused",
      reason: "request-too-long",
      message: expect.stringContaining("254"),
    });
  });

  test("its longest request fits: one more digit in the last chunk can be too much", () => {
    const nineChunks = announcement({ name: "", size: 9 * 6000 });
    const room = 253 - longestRequest(nineChunks).length;
    const name = " ".repeat(Math.floor(room / 3)) + "a".repeat(room % 3);
    expect(thrownBy(() => checkAnnounceable({ ...nineChunks, name }))).toBeUndefined();
    expect(thrownBy(() => checkAnnounceable({ ...nineChunks, name, size: 9 * 6000 + 1 }))).toMatchObject({
      reason: "request-too-long",
    });
  });

  test("both hold; unknown members do not count, since they are not sent", () => {
    expect(
      thrownBy(() => checkAnnounceable({ ...announcement(), extra: "x".repeat(300) } as Announcement)),
    ).toBe(undefined);
  });

  test("both hold, and then its last chunk can be asked for as it stands [NF-3.3]", () => {
    const any = fc.record({
      name: requestableKey,
      size: fc.oneof(fc.nat(), fc.integer({ min: 0, max: S3_MAX_BYTES })),
      sha256: fc.constant(SHA256_OF_NOTHING),
      etag: anyEtag,
    });
    fc.assert(
      fc.property(any, (candidate) => {
        const error = thrownBy(() => checkAnnounceable(candidate));
        const request = longestRequest(candidate);
        const fits = jsonBytes(candidate) <= 250 && request.length <= 253;
        expect(error === undefined).toBe(fits);
        if (!fits) return expect(error).toBeInstanceOf(KeyRefused);
        expect(parseAnnouncement(JSON.parse(JSON.stringify(candidate)))).toEqual(candidate);
        expect(parseChunkRequest(request.slice(2), "chunk")).toEqual({
          key: candidate.name,
          chunk: chunkCount(candidate.size, 6000),
          size: 6000,
          etag: candidate.etag,
        });
      }),
      { numRuns: 500 },
    );
  });
});
