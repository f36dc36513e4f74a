import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatVariable,
  isManifestVariable,
  parseVariable,
  variableName,
} from "../../protocol/manifest-variable.ts";
import { arbitrarySha256 } from "./support/announcements.ts";

const arbitraryBytes = fc.integer({ min: 1, max: 4 * 1024 * 1024 });
const arbitraryNotice = fc.record(
  {
    serial: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    sha256: arbitrarySha256,
    size: arbitraryBytes,
    step: fc.record({ base: fc.stringMatching(/^[0-9A-Za-z_-]{8}$/), bytes: arbitraryBytes }),
    zstd: arbitraryBytes,
  },
  { requiredKeys: ["serial", "sha256", "size"] },
);

describe("the variable of a fleet", () => {
  test("is read as it was written, and has at most 250 bytes [NF-11.4]", () => {
    fc.assert(
      fc.property(arbitraryNotice, (notice) => {
        const text = formatVariable(notice);
        expect(text.length).toBeLessThanOrEqual(250);
        expect(parseVariable(text)).toEqual(notice);
      }),
    );
  });

  const m = "A".repeat(43);

  test.each([
    "",
    "x",
    "{}",
    "null",
    "[]",
    `{"s":0,"m":"${m}","n":1}`,
    `{"s":1,"m":"short","n":1}`,
    `{"s":1,"m":"${m}"}`,
  ])("with the value %j announces nothing [NF-11.4]", (text) => {
    expect(parseVariable(text)).toBeUndefined();
  });

  test("of more than any manifest has announces nothing [NF-11.4]", () => {
    expect(parseVariable(`{"s":1,"m":"${m}","n":4194305}`)).toBeUndefined();
  });

  test("keeps its meaning where an optional member makes no sense, or a later version has more [NF-11.4]", () => {
    const text = `{"s":1,"m":"${m}","n":2,"p":["short",3],"z":-1,"later":{}}`;
    expect(parseVariable(text)).toEqual({ serial: 1, sha256: m, size: 2 });
  });

  test("never makes its reader throw [NF-11.4]", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), arbitraryNotice.map(formatVariable)), (text) => {
        parseVariable(text);
        parseVariable(text.slice(1));
      }),
    );
  });
});

describe("the name of a fleet's variable", () => {
  const fleet = "fleet:5c1f-1";

  test("says stage and fleet [NF-11.5]", () => {
    // printf fleet:5c1f-1 | sha256sum
    expect(variableName(fleet)).toBe("noteferry_b14e5b9e");
    expect(variableName(fleet, "Prod-EU")).toBe(
      variableName(fleet).replace("noteferry_", "noteferry_prod_eu_"),
    );
    expect(variableName("fleet:other")).not.toBe(variableName(fleet));
  });

  test("is known in any case, and never as that of another stage [NF-11.5]", () => {
    for (const [stage, other] of [
      [undefined, "prod"],
      ["prod", undefined],
      ["prod", "pro"],
      ["a", "a-b"],
      ["a-b", "a"],
    ] as const) {
      const name = variableName(fleet, stage);
      expect(isManifestVariable(name.toUpperCase(), stage)).toBe(true);
      expect(isManifestVariable(name, other)).toBe(false);
    }
    for (const name of ["noteferry_", "noteferry", "kiosk_content", "xnoteferry_00000000"])
      expect(isManifestVariable(name)).toBe(false);
  });
});
