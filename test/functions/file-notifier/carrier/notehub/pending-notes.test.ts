import { describe, expect, test } from "vitest";
import { isAmong } from "../../../../../functions/file-notifier/carrier/notehub/pending-notes.ts";
import type { Announcement } from "../../../../../protocol/announcement.ts";

const note = (change: Partial<Announcement> = {}): Announcement => {
  return { name: "a", size: 1, sha256: "A".repeat(43), etag: "e1", ...change };
};
const gone = (seq: string) => ({ name: "a", seq, gone: true }) as const;
const JUNK = [undefined, null, 7, "a", {}, { name: "a" }, note({ name: "b" })];

describe("an announcement is taken for accepted [NF-8.3]", () => {
  test("if its name, etag and seq wait, whatever else does", () => {
    const waiting = [...JUNK, note({ seq: "AAAC", etag: "e2" }), note({ seq: "AAAB" })];
    expect(isAmong(waiting, note({ seq: "AAAB" }))).toBe(true);
    expect(isAmong(waiting, note({ seq: "AAABAA" }))).toBe(true); // zeros on the right do not count
  });

  test.each([
    ["an earlier upload of the same content", note({ seq: "AAAA" })],
    ["one without a seq", note()],
    ["another version of the same event", note({ seq: "AAAB", etag: "e2" })],
    ["another file", note({ seq: "AAAB", name: "b" })],
    ["that the key was gone", gone("AAAB")],
  ])("but not for %s", (_what, waiting) => {
    expect(isAmong([waiting], note({ seq: "AAAB" }))).toBe(false);
  });

  test("without a seq only where nothing else of that name waits", () => {
    expect(isAmong([...JUNK, note(), note()], note())).toBe(true);
    expect(isAmong([note(), note({ etag: "e2" })], note())).toBe(false);
    expect(isAmong([note(), note({ seq: "AAAB" })], note())).toBe(false);
    expect(isAmong(JUNK, note())).toBe(false);
  });

  test("if it says that the key is gone, by name and seq", () => {
    expect(isAmong([gone("AAAB")], gone("AAAB"))).toBe(true);
    expect(isAmong([gone("AAAA"), note({ seq: "AAAB" })], gone("AAAB"))).toBe(false);
  });
});
