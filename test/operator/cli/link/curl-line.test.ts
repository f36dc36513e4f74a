import { expect, test } from "vitest";
import { curlLine } from "../../../../operator/cli/link/curl-line.ts";

test.each([
  ["a/b.py", "'./b.py'"],
  ["-rf", "'./-rf'"],
  ["it's", "'./it'\\''s'"],
  ["a b", "'./a b'"],
  ["folder/", "'./download'"],
  ["a/..", "'./download'"],
  ["a\nb", "'./download'"],
  ["\u001b[2J", "'./download'"],
  ["\ud800", "'./download'"],
])("%j is saved as %s", (key, output) => {
  expect(curlLine("https://x/y?z", key, undefined)).toBe(
    `curl --fail --location --output ${output} 'https://x/y?z'`,
  );
});

test("a CA's file is quoted too", () => {
  expect(curlLine("https://x", "k", "/a b/ca.pem")).toContain("--cacert '/a b/ca.pem'");
});
