import { describe, expect, test } from "vitest";
import { readRepositoryFile, sourceFiles } from "../support/repository-files.ts";
import { findCircles, importGraph } from "./import-circles.ts";
import { readImports } from "./read-imports.ts";

const AREAS = ["bin", "lib", "functions", "protocol", "agent", "operator", "local", "bench"];

const graphOf = (sources: Readonly<Record<string, string>>) =>
  importGraph(Object.entries(sources).map(([file, source]) => ({ file, imports: readImports(source) })));

test("no source file imports itself by way of others", () => {
  const files = sourceFiles(...AREAS);
  const graph = importGraph(files.map((file) => ({ file, imports: readImports(readRepositoryFile(file)) })));
  expect(graph.get("local/main.ts")).toContain("local/stack/run-command.ts");
  expect(findCircles(graph)).toEqual([]);
});

describe("a planted circle is caught:", () => {
  test.each<[string, Record<string, string>, string]>([
    ["a file that imports itself", { "lib/a.ts": 'import "./a.ts";' }, "lib/a.ts > lib/a.ts"],
    [
      "two files",
      { "lib/a.ts": 'import { b } from "./b.ts";', "lib/b.ts": 'import { a } from "./a.ts";' },
      "lib/a.ts > lib/b.ts > lib/a.ts",
    ],
    [
      "by types alone",
      {
        "agent/a.ts": 'import type { B } from "./link/b.ts";',
        "agent/link/b.ts": 'type A = import("../a.ts").A;',
      },
      "agent/a.ts > agent/link/b.ts > agent/a.ts",
    ],
    [
      "by an import at run time",
      { "local/a.ts": 'await import("./b.ts");', "local/b.ts": 'import { a } from "./a.ts";' },
      "local/a.ts > local/b.ts > local/a.ts",
    ],
    [
      "three files behind an entry, in two areas",
      {
        "local/main.ts": 'import { a } from "./a.ts";',
        "local/a.ts": 'import { b } from "../agent/b.ts";',
        "agent/b.ts": 'import { c } from "./c.ts";',
        "agent/c.ts": 'import { a } from "../local/a.ts";',
      },
      "local/a.ts > agent/b.ts > agent/c.ts > local/a.ts",
    ],
  ])("%s", (_what, sources, circle) => {
    expect(findCircles(graphOf(sources))).toEqual([circle]);
  });

  test("and two ways to one file are no circle", () => {
    const sources = {
      "lib/a.ts": 'import { b } from "./b.ts";\nimport { c } from "./c.ts";',
      "lib/b.ts": 'import { d } from "./d.ts";',
      "lib/c.ts": 'import { d } from "./d.ts";',
      "lib/d.ts": 'import path from "node:path";\nimport json from "./e.json" with { type: "json" };',
    };
    expect(findCircles(graphOf(sources))).toEqual([]);
  });
});
