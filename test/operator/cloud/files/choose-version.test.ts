import { expect, test } from "vitest";
import { chooseVersion } from "../../../../operator/cloud/files/choose-version.ts";
import type { Numbered } from "../../../../operator/cloud/files/number-versions.ts";

const kept = (n: number | undefined, versionId: string, etag = versionId): Numbered => ({
  ...{ n, versionId, etag, deleted: false, current: false, at: "2026-01-01T00:00:00Z", bytes: 1 },
});
const VERSIONS = [kept(1235, "zzzz9"), kept(1234, "abcd2"), kept(2, "abcd1"), kept(1, "1234x")];
const choose = (to: string, versions = VERSIONS) => chooseVersion("k", versions, to)?.versionId;

test("a version is chosen by its number, its id, or how that begins", () => {
  expect(choose("2")).toBe("abcd1");
  expect(choose("abcd2")).toBe("abcd2");
  expect(choose("1234x")).toBe("1234x");
  expect(choose("zzzz", [kept(2, "a"), kept(1, "zzzz9")])).toBe("zzzz9");
});

test.each([
  ["of which there are two", "abcd", "usage", /may be any of 2 versions of k: abcd2, abcd1$/],
  ["that is a number too", "1234", "usage", /may be any of 2 versions of k: abcd2, 1234x$/],
  ["that is too short for an id", "abc", "not-found", /no version abc/],
  ["that is none", "7", "not-found", /no version 7/],
])("a text %s is refused", (_what, to, code, message) => {
  expect(() => choose(to)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  );
});

test("a number is refused where older versions may have expired, and an id is not", () => {
  const old = [kept(undefined, "bbbb1"), kept(undefined, "aaaa1")];
  expect(() => choose("1", old)).toThrow(
    expect.objectContaining({ code: "usage", message: expect.stringContaining("may have expired") }),
  );
  expect(choose("aaaa", old)).toBe("aaaa1");
});
