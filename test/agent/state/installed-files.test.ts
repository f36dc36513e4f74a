import { expect, test } from "vitest";
import { fleetThatBrought, type InstalledFile } from "../../../agent/state/installed-files.ts";

const [FIRST, OTHER] = ["fleets/fleet:1/a", "fleets/fleet:2/a"];
const recorded = (more: Partial<InstalledFile>): InstalledFile => ({
  ...{ name: FIRST, size: 1, sha256: "s", etag: "", installedAt: "" },
  ...more,
});

test("what manifests or Notes of the key have brought is the fleet's that asks for it, what a person has is nobody's [NF-11.11]", () => {
  const asked = { name: OTHER, fleet: "fleet:2" };
  expect(fleetThatBrought(asked, recorded({ version: "v", fleet: "fleet:1" }))).toBe("fleet:2");
  expect(fleetThatBrought(asked, recorded({ name: OTHER }))).toBe("fleet:2");
  expect(fleetThatBrought(asked, recorded({}))).toBeUndefined();
  expect(fleetThatBrought(asked, recorded({ name: OTHER, version: "v" }))).toBeUndefined();
  expect(fleetThatBrought(asked, undefined)).toBeUndefined();
});
