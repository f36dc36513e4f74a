import { expect, test } from "vitest";
import { lastReleases } from "../../../bench/link/versions.ts";

const published = ["2.0.0", "1.9.0", "1.10.0", "2.0.0-rc.1", "1.9.1", "10.0.0"];

test("releases are taken in the order of their numbers, up to the one that is named", () => {
  expect(lastReleases(published, "2.0.0", 3)).toEqual(["1.9.1", "1.10.0", "2.0.0"]);
  expect(lastReleases(published, "10.0.0", 9)).toEqual(["1.9.0", "1.9.1", "1.10.0", "2.0.0", "10.0.0"]);
});

test("a release that nobody published is no end", () => {
  expect(() => lastReleases(published, "3.0.0", 3)).toThrow("3.0.0 is not published");
});
