import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseChunkRequest } from "../../protocol/chunk-request.ts";
import { parseRangeRequest } from "../../protocol/range-request.ts";
import { thrownBy } from "../support/thrown-by.ts";

const ofChunk = (query: string) => parseChunkRequest(`file=a&${query}`, "chunk").version;
const ofSample = (query: string) => parseChunkRequest(`file=a&${query}`, "sample").version;
const ofRange = (query: string) => parseRangeRequest("GET", "files", "a", query, {}).version;

describe.each([
  ["by number", ofChunk],
  ["at the sample's door", ofSample],
  ["by range", ofRange],
])("[NF-3.10] the id of a version %s", (_, versionOf) => {
  test("is any that S3 can give, decoded once", () => {
    const id = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)) });
    fc.assert(
      fc.property(id, (version) => {
        const query = `version=${encodeURIComponent(version)}`;
        const isId = version.length >= 1 && version.length <= 64 && version !== "null";
        if (isId) expect(versionOf(query)).toBe(version);
        else expect(thrownBy(() => versionOf(query))).toMatchObject({ code: "bad-request" });
      }),
    );
    expect(versionOf("version=a%2541")).toBe("a%41");
    expect(versionOf("")).toBeUndefined();
  });

  test.each(["version", "version=", "version=null", `version=${"a".repeat(65)}`, "version=a&version=a"])(
    "is not given by %s",
    (query) => {
      expect(thrownBy(() => versionOf(query))).toMatchObject({ code: "bad-request" });
    },
  );

  test.each([" ", "a b", "a\n", "\0", "\x7f", "é", "😀"])("is not %j", (text) => {
    const query = `version=${encodeURIComponent(text)}`;
    expect(thrownBy(() => versionOf(query))).toMatchObject({ code: "bad-request" });
  });
});

test("[NF-10.1] of packed content there are no versions", () => {
  const name = "A".repeat(43);
  expect(parseChunkRequest(`packed=${name}&version=v`, "chunk")).not.toHaveProperty("version");
  expect(parseRangeRequest("GET", "packed", name, "version=null", {})).not.toHaveProperty("version");
});
