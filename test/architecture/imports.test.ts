import { describe, expect, test } from "vitest";
import { readRepositoryFile, sourceFiles } from "../support/repository-files.ts";
import { importBreaches, type Packages } from "./import-rules.ts";
import { type Import, readImports } from "./read-imports.ts";

const AREAS = ["bin", "lib", "functions", "protocol", "agent", "operator", "local", "bench"];

const value = (specifier: string): Import => ({ specifier, typeOnly: false });
const type = (specifier: string): Import => ({ specifier, typeOnly: true });

function packagesOfProject(): Packages {
  const { dependencies, devDependencies } = JSON.parse(readRepositoryFile("package.json"));
  return {
    dependencies: new Set(Object.keys(dependencies)),
    devDependencies: new Set(Object.keys(devDependencies)),
  };
}

test("every source file keeps the import rules", () => {
  const packages = packagesOfProject();
  const files = sourceFiles(...AREAS);
  expect(files).toContain("protocol/request.ts");
  const breaches = files.flatMap((file) =>
    importBreaches({ file, imports: readImports(readRepositoryFile(file)) }, packages),
  );
  expect(breaches).toEqual([]);
});

describe("a planted breach is caught:", () => {
  const packages: Packages = {
    dependencies: new Set(["valibot", "preact", "@middy/core", "@aws-sdk/client-s3"]),
    devDependencies: new Set(["aws-cdk-lib", "vitest", "@types/aws-lambda", "constructs"]),
  };

  test.each<[string, string, Import]>([
    ["bin reaches past lib", "bin/app.ts", value("../functions/file-server/env.ts")],
    ["bin starts the local stack", "bin/app.ts", value("../local/main.ts")],
    ["lib runs a function's code", "lib/file-server.ts", value("../functions/file-server/env.ts")],
    ["lib looks into a function", "lib/file-server.ts", type("../functions/file-server/handler.ts")],
    ["lib needs the app", "lib/stack.ts", value("../bin/app.ts")],
    ["lib needs the agent", "lib/stack.ts", value("../agent/main.ts")],
    ["one function needs the other", "functions/file-server/main.ts", value("../file-notifier/notehub.ts")],
    [
      "one function needs the other's types",
      "functions/file-server/a/b.ts",
      type("../../file-notifier/env.ts"),
    ],
    ["a function needs a construct", "functions/file-server/main.ts", value("../../lib/outputs.ts")],
    ["a function needs the agent", "functions/file-server/main.ts", value("../../agent/link.ts")],
    ["a function needs a test", "functions/file-server/main.ts", value("../../test/support/x.ts")],
    ["a function ships a development package", "functions/file-server/main.ts", value("aws-cdk-lib/aws-s3")],
    ["the agent needs a function", "agent/main.ts", value("../functions/file-server/env.ts")],
    [
      "the agent needs the local stack",
      "agent/notecard/link.ts",
      value("../../local/blues/notecard/server.ts"),
    ],
    ["the agent needs AWS", "agent/main.ts", value("@aws-sdk/client-s3")],
    ["the agent needs AWS's types", "agent/main.ts", type("aws-lambda")],
    ["the agent needs middy", "agent/main.ts", value("@middy/core")],
    ["the local stack needs the app", "local/main.ts", value("../bin/app.ts")],
    ["the local stack needs a construct", "local/main.ts", value("../lib/settings.ts")],
    ["the local stack needs a function", "local/main.ts", type("../functions/file-server/env.ts")],
    [
      "the operator needs the local stack",
      "operator/cli/put/run.ts",
      value("../../../local/stack/identity.ts"),
    ],
    [
      "the operator needs a function's types",
      "operator/cloud/a.ts",
      type("../../functions/file-server/env.ts"),
    ],
    ["the operator ships a development package", "operator/cloud/a.ts", value("aws-cdk-lib")],
    ["the cloud needs the command", "operator/cloud/a.ts", value("../cli/context.ts")],
    ["the console needs the command", "operator/console/a.ts", type("../cli/context.ts")],
    ["words need the cloud", "operator/words/a.ts", value("../cloud/deployment.ts")],
    ["the page runs what the server runs", "operator/console/page/a.tsx", value("../api.ts")],
    ["the page needs the server's types", "operator/console/page/a.tsx", type("../world.ts")],
    ["the page needs the contract", "operator/console/page/a.tsx", type("../../../protocol/seq.ts")],
    ["the page needs Node", "operator/console/page/a.tsx", value("node:fs")],
    ["the page needs AWS", "operator/console/page/b/a.ts", value("@aws-sdk/client-s3")],
    ["the agent needs the operator", "agent/main.ts", value("../operator/cloud/deployment.ts")],
    ["protocol needs a function", "protocol/request.ts", value("../functions/file-server/env.ts")],
    ["protocol reads files", "protocol/request.ts", value("node:fs/promises")],
    ["protocol reads files, it says for types", "protocol/request.ts", type("node:fs")],
    ["protocol reads files by the old name", "protocol/request.ts", value("fs")],
    ["protocol needs a second package", "protocol/request.ts", value("@middy/core")],
    ["a bench needs a test", "bench/cold.ts", value("../test/support/x.ts")],
    ["a package is not declared", "local/main.ts", value("left-pad")],
    ["a scoped package is not declared", "lib/stack.ts", value("@aws-sdk/client-sts")],
    ["a package is only known by its types", "local/aws/lambda/x.ts", value("aws-lambda")],
    ["an absolute path", "local/main.ts", value("/opt/x.ts")],
    ["a file URL", "local/main.ts", value("file:///opt/x.ts")],
    ["an address", "local/main.ts", value("https://example.com/x.ts")],
    ["a file at the root", "agent/main.ts", value("../package.json")],
    ["a folder with no rule", "console/main.ts", value("../protocol/request.ts")],
  ])("%s", (_what, file, imported) => {
    const innocent = value(file.includes("/page/") ? "preact" : "node:zlib");
    expect(importBreaches({ file, imports: [innocent, imported] }, packages)).toEqual([
      expect.stringContaining(`${file} imports ${imported.specifier}: `),
    ]);
  });

  test.each<[string, Import]>([
    ["bin/app.ts", value("../lib/stack.ts")],
    ["bin/app.ts", value("aws-cdk-lib")],
    ["lib/file-server.ts", type("../functions/file-server/env.ts")],
    ["lib/settings.ts", value("../protocol/target.ts")],
    ["functions/file-server/main.ts", value("./env.ts")],
    ["functions/file-server/s3/get.ts", value("../tokens/secret.ts")],
    ["functions/file-server/main.ts", value("../../protocol/request.ts")],
    ["functions/file-server/main.ts", value("@aws-sdk/client-s3")],
    ["functions/file-server/main.ts", type("aws-lambda")],
    ["agent/notecard/link.ts", value("../../protocol/chunk.ts")],
    ["agent/main.ts", value("node:fs")],
    ["local/blues/notecard/server.ts", value("../../agent/notecard/cobs.ts")],
    ["protocol/announcement.ts", value("valibot")],
    ["protocol/chunk.ts", value("node:zlib")],
    ["bench/cold.ts", value("../functions/file-server/main.ts")],
    ["operator/cli/console/run.ts", value("../../console/start-console.ts")],
    ["operator/console/views/a.ts", value("../../cloud/take.ts")],
    ["operator/console/page/a.tsx", value("preact/hooks")],
    ["operator/console/page/upload/a.tsx", type("../../api.ts")],
    ["operator/console/page/upload/a.tsx", value("../../../words/format-bytes.ts")],
  ])("and what is allowed is not: %s imports %j", (file, imported) => {
    expect(importBreaches({ file, imports: [imported] }, packages)).toEqual([]);
  });
});

describe("the imports of a source", () => {
  test("are read in every form", () => {
    const source = `import a from "./a.ts";
import * as b from 'b';
import "node:zlib";
import type { C } from "@scope/c/deep";
import {
  type D,
  e,
} from "../d.ts";
import f, { type G } from "./f.ts";
import { type H } from "./h.ts";
import json from "./i.json" with { type: "json" };
export { j } from "./j.ts";
export * from "./k.ts";
export type { L } from "./l.ts";
const m = await import("./m.ts");
const n = require("n");
type O = import("./o.ts").O;
export const p = "from 'q'";
const r = import.meta.url; // read from "nowhere"
`;
    expect(readImports(source)).toEqual([
      value("./a.ts"),
      value("b"),
      value("node:zlib"),
      type("@scope/c/deep"),
      value("../d.ts"),
      value("./f.ts"),
      value("./h.ts"), // the import itself stays, for its side effects
      value("./i.json"),
      value("./j.ts"),
      value("./k.ts"),
      type("./l.ts"),
      value("./m.ts"),
      value("n"),
      value("./o.ts"),
    ]);
  });

  test("are refused in a form that could hide one", () => {
    expect(() => readImports('import { a /* why */ } from "./a.ts";')).toThrow("not understood");
  });
});
