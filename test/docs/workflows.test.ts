import { expect, test } from "vitest";
import { readRepositoryFile } from "../support/repository-files.ts";

const SCRIPTS: Record<string, string> = JSON.parse(readRepositoryFile("package.json")).scripts;

test.each([".github/workflows/check.yml", ".github/workflows/deliver.yml"])(
  "%s runs what there is, with no more rights than it needs",
  (file) => {
    const text = readRepositoryFile(file);
    for (const [, script = ""] of text.matchAll(/npm run (?:-s )?([\w:-]+)/g))
      expect(SCRIPTS).toHaveProperty([script]);
    expect(text).toContain("contents: read");
    expect(text).not.toMatch(/\$\{\{ *secrets\./); // the role is assumed, and the check needs none
    // What comes from outside reaches a shell by variables, never as part of a command.
    for (const [, command = ""] of text.matchAll(/^ *- run: (.*)$/gm)) expect(command).not.toContain("${{");
    expect(text).not.toContain("\t");
  },
);

test("the check calls what CONTRIBUTING's reader calls", () => {
  expect(readRepositoryFile(".github/workflows/check.yml")).toContain("- run: .ci/run\n");
});
