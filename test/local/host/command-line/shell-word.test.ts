import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shellWord } from "../../../../local/host/command-line/shell-word.ts";

test("a shell reads every word back as it was", () => {
  const words = fc
    .sample(fc.string({ unit: "binary", minLength: 1 }), 200)
    .filter((word) => !/[\0\ud800-\udfff]/.test(word));
  words.push("a b", "it's", "$HOME", "~", "-n", "*", "a\nb", "\\", "plain/path.txt");
  const script = words.map((word) => `printf '%s\\0' ${shellWord(word)}`).join("\n");
  const printed = execFileSync("sh", ["-c", script], { encoding: "utf8" });
  expect(printed.split("\0").slice(0, -1)).toEqual(words);
  expect(shellWord("plain/path.txt")).toBe("plain/path.txt");
});
