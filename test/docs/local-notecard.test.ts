import { expect, test } from "vitest";
import { REQUESTS } from "../../local/blues/notecard/dispatch.ts";
import { ALL_REQUESTS } from "../support/notecard-schema.ts";
import { readRepositoryFile } from "../support/repository-files.ts";

const [, answered = "", rest = ""] = readRepositoryFile("docs/LOCAL-NOTECARD.md").split(/^## What it .*$/m);

/** The requests that a part of the page names, in tables or paragraphs of nothing else. */
function listed(part: string): string[] {
  const lists = part.split("\n").filter((line) => line.startsWith("| `") || /^(?:`[a-z.]+` ?)+$/.test(line));
  return lists.flatMap((line) => [...line.matchAll(/`([a-z.]+)`/g)].map(([, name = ""]) => name)).sort();
}

test("LOCAL-NOTECARD.md lists the requests that the Notecard answers, and no others", () => {
  expect(listed(answered)).toEqual([...REQUESTS.keys()].sort());
});

test("LOCAL-NOTECARD.md lists every published request that is not answered", () => {
  expect(listed(rest)).toEqual(ALL_REQUESTS.filter((name) => !REQUESTS.has(name)).sort());
});
