import { describe, expect, test } from "vitest";
import { readRepositoryFile, repositoryFiles, sourceFiles } from "../support/repository-files.ts";

const CONTRACT = "docs/PROTOCOL.md";

const defined = [...readRepositoryFile(CONTRACT).matchAll(/^- \*\*\[(NF-\d+\.\d+)\]\*\*/gm)].map(
  ([, id = ""]) => id,
);
const code = sourceFiles("protocol", "functions", "agent", "lib", "local");
const tests = sourceFiles("test").filter((file) => !file.startsWith("test/docs/"));
const documents = repositoryFiles().filter((file) => file.endsWith(".md"));

/** Where each clause id is cited: id -> files. */
function citations(files: string[]): Map<string, string[]> {
  const cited = new Map<string, string[]>();
  for (const file of files) {
    for (const [id] of readRepositoryFile(file).matchAll(/\bNF-\d+\.\d+\b/g)) {
      cited.set(id, [...(cited.get(id) ?? []), file]);
    }
  }
  return cited;
}

describe("the clauses of docs/PROTOCOL.md", () => {
  test("each have an id of their own, numbered in order", () => {
    expect(defined.length).toBeGreaterThan(40);
    const [sections, seen] = [new Map<string, number>(), new Set<string>()];
    for (const id of defined) {
      const [section = "", clause] = id.split(".");
      expect(Number(clause), id).toBe((sections.get(section) ?? 0) + 1);
      sections.set(section, Number(clause));
      seen.add(id);
    }
    expect(seen.size).toBe(defined.length);
  });

  test("are each cited by the code that obeys them", () => {
    const cited = citations(code);
    expect(defined.filter((id) => !cited.has(id))).toEqual([]);
  });

  test("are each cited by a test that would break", () => {
    const cited = citations(tests);
    expect(defined.filter((id) => !cited.has(id))).toEqual([]);
  });

  test("are the only ones that anything cites", () => {
    const cited = citations([...code, ...tests, ...documents, ...sourceFiles("bin", "bench")]);
    const unknown = [...cited].filter(([id]) => !defined.includes(id));
    expect(unknown).toEqual([]);
  });
});
