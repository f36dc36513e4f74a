import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ALL_SETTINGS } from "../support/all-settings.ts";
import { compileCache } from "../support/compile-cache.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "noteferry-app-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a program until it ends, with nothing of this process's environment but PATH, and what was compiled before. */
function run(
  args: string[],
  env: Record<string, string>,
  cwd: string,
): Promise<{ code: number | null; stderr: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number | null; stderr: string }>();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env.PATH, ...compileCache(), ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  child.on("error", reject);
  child.on("close", (code) => resolve({ code, stderr }));
  return promise;
}

const APP = path.join(ROOT, "bin/app.ts");

/** @param program what to run in the app's place */
function synthesise(
  outDir: string,
  context: object,
  { cwd = ROOT, validation = "false", program = "", region = "" } = {},
) {
  const env = {
    ...{ CDK_OUTDIR: outDir, CDK_CONTEXT_JSON: JSON.stringify(context), CDK_VALIDATION: validation },
    ...(region === "" ? {} : { CDK_DEFAULT_REGION: region }),
  };
  return run(program === "" ? [APP] : ["--input-type=module", "--eval", program], env, cwd);
}

/** What is deployed: the template, the list of assets, and the assets. */
async function deployedFiles(outDir: string): Promise<Map<string, string>> {
  const names = (await readdir(outDir, { recursive: true })).sort();
  const files = new Map<string, string>();
  for (const name of names) {
    const deployed = /^asset\.[^/]+\/|\.(?:template|assets)\.json$/.test(name);
    if (deployed) files.set(name, await readFile(path.join(outDir, name), "latin1"));
  }
  return files;
}

describe("synthesised twice, from two folders into two folders", () => {
  let first = new Map<string, string>();
  let second = new Map<string, string>();

  beforeAll(async () => {
    const outDirs = [path.join(folder, "one"), path.join(folder, "some", "deeper", "two")] as const;
    const runs = await Promise.all([
      synthesise(outDirs[0], ALL_SETTINGS, { validation: "true" }),
      synthesise(outDirs[1], ALL_SETTINGS, { cwd: folder, region: "ap-southeast-1" }),
    ]);
    expect(runs).toMatchObject([{ code: 0 }, { code: 0 }]);
    first = await deployedFiles(outDirs[0]);
    second = await deployedFiles(outDirs[1]);
  }, 120_000);

  test("the template and the bundles have the same bytes", () => {
    expect([...first.keys()]).toEqual([...second.keys()]);
    expect([...first.keys()].map((name) => name.replace(/[0-9a-f]{64}/, "…"))).toEqual([
      "Noteferry-staging.assets.json",
      "Noteferry-staging.template.json",
      ...["LICENSE", "THIRD-PARTY-NOTICES", "index.cjs", "index.cjs.map"].map((name) => `asset.…/${name}`),
      ...["LICENSE", "THIRD-PARTY-NOTICES", "index.cjs", "index.cjs.map"].map((name) => `asset.…/${name}`),
      ...["LICENSE", "THIRD-PARTY-NOTICES", "index.cjs", "index.cjs.map"].map((name) => `asset.…/${name}`),
    ]);
    for (const [name, content] of first) expect(second.get(name) === content, name).toBe(true);
  });

  test("[NF-12.6] who deploys to a region whose hosts are too long for a client is told, beside the template", async () => {
    const metadata = await readFile(
      path.join(folder, "some", "deeper", "two", "Noteferry-staging.metadata.json"),
      "utf8",
    );
    expect(metadata).toContain("in ap-southeast-1 the host of signed links has 65 characters");
  });

  test("neither says where they were made", () => {
    const telling = [...first].filter(([, content]) => content.includes(ROOT) || content.includes(folder));
    expect(telling.map(([name]) => name)).toEqual([]);
    const maps = [...first].filter(([name]) => name.endsWith(".map"));
    const sources: string[] = maps.flatMap(([, map]) => JSON.parse(map).sources);
    expect(sources).toContain("../../functions/file-server/index.ts");
    expect(
      sources.filter((source) => !/^\.\.\/\.\.\/(?:functions|protocol|node_modules)\//.test(source)),
    ).toEqual([]);
  });

  test("each bundle has our licence and the notices of what is in it", () => {
    const notices = [...first].filter(([name]) => name.endsWith("/THIRD-PARTY-NOTICES"));
    for (const [, text] of notices) {
      expect(text).toMatch(/^valibot [\d.]+, licence MIT, by .*\n\nMIT License\n\nCopyright/m);
    }
    expect(notices.some(([, text]) => text.includes("@aws-sdk/client-s3 "))).toBe(true);
  });

  test("nobody else may write what is deployed, whatever the umask, and it is made afresh", async () => {
    const outDir = path.join(folder, "one");
    const bundles = (await readdir(outDir)).filter((name) => name.startsWith("asset."));
    for (const bundle of bundles) {
      await writeFile(path.join(outDir, bundle, "index.cjs"), "export const handler = steal;");
      await writeFile(path.join(outDir, bundle, "more.cjs"), "");
    }
    const program = `process.umask(0); await import(${JSON.stringify(pathToFileURL(APP).href)});`;
    expect(await synthesise(outDir, ALL_SETTINGS, { program })).toMatchObject({ code: 0 });
    expect(await deployedFiles(outDir)).toEqual(second);
    for (const name of [".", ...bundles, ...[...second.keys()]]) {
      expect((await stat(path.join(outDir, name))).mode & 0o022, name).toBe(0);
    }
  });

  test("CDK's own validation finds nothing", async () => {
    const report = await readFile(path.join(folder, "one", "validation-report.json"), "utf8");
    expect(JSON.parse(report)).toMatchObject({ pluginReports: [] });
  });

  test("no bundle asks where its module is, which CommonJS does not know", () => {
    const asking = [...first].filter(([, content]) => content.includes("import_meta"));
    expect(asking.map(([name]) => name)).toEqual([]); // esbuild puts an empty object in its place
  });

  test.each(["FileServerFunction", "FileNotifierFunction", "DeliveryRecorderFunction"])(
    "the bundle of %s needs nothing beside it, and starts with the template's variables",
    async (id) => {
      const template = JSON.parse(first.get("Noteferry-staging.template.json") ?? "");
      const { Code, Environment } = template.Resources[id].Properties;
      const bundle = path.join(folder, "one", `asset.${path.parse(Code.S3Key).name}`, "index.cjs");
      const variables = Object.entries(Environment.Variables).map(([name, value]) => [
        name,
        typeof value === "string" ? value : "https://example.com/x",
      ]);
      const credentials = {
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "AKID",
        AWS_SECRET_ACCESS_KEY: "secret",
        AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9", // nobody's: the file-server connects when it starts
        AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://127.0.0.1:9",
      };
      const start = `const { handler } = await import(${JSON.stringify(pathToFileURL(bundle).href)});
        process.exit(typeof handler === "function" ? 0 : 3);`;
      const started = await run(
        ["--input-type=module", "--eval", start],
        { ...Object.fromEntries(variables), ...credentials },
        folder,
      );
      expect(started).toEqual({ code: 0, stderr: "" });
    },
  );
});

test("without a project it says in one sentence what to do, and makes nothing", async () => {
  const outDir = path.join(folder, "none");
  const { code, stderr } = await synthesise(outDir, {});
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^setting project: expected .*, found nothing; give it in cdk.json, under context, or with -c project=app:…\n$/,
  );
  expect(await readdir(outDir)).toEqual([]); // an empty app would be deployed as one
});
