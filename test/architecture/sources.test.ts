import { describe, expect, test } from "vitest";
import { readRepositoryFile, sourceFiles } from "../support/repository-files.ts";
import { READS_ENVIRONMENT, sourceBreaches } from "./source-rules.ts";

const AREAS = ["bin", "lib", "functions", "protocol", "agent", "operator", "local", "bench"];
const sources = sourceFiles(...AREAS).map((file) => ({ file, source: readRepositoryFile(file) }));

test("every source file keeps the rules on layout", () => {
  expect(sources.length).toBeGreaterThan(10);
  expect(sources.flatMap(sourceBreaches)).toEqual([]);
});

test("every exception for reading the environment is still needed", () => {
  const readers = sources.filter(({ source }) => source.includes("process.env")).map(({ file }) => file);
  expect([...READS_ENVIRONMENT.keys()].filter((file) => !readers.includes(file))).toEqual([]);
});

test("protocol asks nobody: no clock, no chance, no environment, no console, no network", () => {
  const impure =
    /\b(?:process|console|fetch|performance|setTimeout|setInterval|crypto|Math\.random|Date)\s*[.(]|new Date\b/;
  const asking = sources.filter(({ file, source }) => file.startsWith("protocol/") && impure.test(source));
  expect(asking.map(({ file }) => file)).toEqual([]);
});

describe("a planted breach is caught:", () => {
  test.each([
    ["a long file", "local/a.ts", "//\n".repeat(251), "has 251 lines"],
    ["a long index", "functions/file-server/index.ts", "//\n".repeat(16), "at most 15"],
    ["a long main", "agent/main.ts", "//\n".repeat(41), "at most 40"],
    ["a default export", "lib/a.ts", "export default 1;\n", "default export"],
    ["a default export by name", "lib/a.ts", "const a = 1;\nexport { a as default };\n", "default export"],
    ["a barrel", "lib/a.ts", 'export * from "./b.ts";\n', "re-exports"],
    ["a barrel by names", "lib/a.ts", 'export {\n  b,\n  c,\n} from "./b.ts";\n', "re-exports"],
    ["a barrel of types", "lib/a.ts", 'export type { B } from "./b.ts";\n', "re-exports"],
    ["a folder of utils", "local/utils/a.ts", "", "name says nothing"],
    ["a folder of helpers", "agent/link/helpers/a.ts", "", "name says nothing"],
    ["a file of utils", "local/aws/s3/utils.ts", "", "name that says nothing"],
    ["camel case", "local/aws/s3/putObject.ts", "", "kebab-case"],
    [
      "the environment in a handler",
      "functions/file-server/handler.ts",
      "f(process.env.BUCKET);\n",
      "process.env",
    ],
    ["the environment by brackets", "agent/link.ts", 'f(process["env"]);\n', "process.env"],
  ])("%s", (_what, file, source, sentence) => {
    expect(sourceBreaches({ file, source })).toEqual([expect.stringContaining(sentence)]);
  });

  test.each([
    ["lib/a.ts", "//\n".repeat(250)],
    ["functions/file-server/env.ts", "read(process.env);\n"],
    ["functions/file-server/index.ts", "read(process.env);\n"],
    ["bin/app.ts", "read(process.env);\n"],
    ["bench/cold-start.ts", "read(process.env);\n"],
    ["agent/a.ts", "const from = 1;\nexport { from };\nexport const handler = from;\n"],
  ])("and what is allowed is not: %s", (file, source) => {
    expect(sourceBreaches({ file, source })).toEqual([]);
  });
});
