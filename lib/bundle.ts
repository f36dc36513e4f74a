import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { type AssetCode, Code } from "aws-cdk-lib/aws-lambda";
import { buildSync } from "esbuild";
import { noticesOf } from "./notices.ts";

const ROOT = path.resolve(import.meta.dirname, "..");

/** The bundle of one function. */
export type FunctionBundle = {
  code: AssetCode;
  /** What in a folder is not as it was built, each as a sentence; nothing if the stack bundles nothing. */
  differences(folder: string): string[];
};

/** Content by file name. */
type Files = ReadonlyMap<string, Uint8Array>;

/**
 * The bundle of a file in `functions/<name>`, the AWS SDK included: `index.cjs` and its source map, our licence, and the
 * notices of what is bundled.
 *
 * The bytes depend on the sources alone. NodejsFunction runs esbuild inside the output folder: its source map holds the
 * way from there to the sources, and the asset's hash depends on it. See docs/adr/0004-esbuild-bundles-the-functions.md.
 */
export function bundleFunction(name: string, entry = "index.ts"): FunctionBundle {
  let built: Files | undefined;
  const code = Code.fromAsset(path.join(ROOT, "functions", name), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry("unused"), // asked for by the type; the local bundler never declines
      local: {
        tryBundle(outputDir) {
          chmodSync(outputDir, 0o700); // CDK offers it to everybody, for the sake of Docker
          built = writeBundle(`functions/${name}/${entry}`, outputDir);
          chmodSync(outputDir, 0o755);
          return true;
        },
      },
    },
  });
  return { code, differences: (folder) => (built === undefined ? [] : compare(built, folder)) };
}

/**
 * Bundles what a handler's file needs.
 *
 * @param entry relative to the project's root
 * @param outputDir a folder that has none of the files yet
 */
export function writeBundle(entry: string, outputDir: string): Files {
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: [`./${entry}`],
    outfile: `dist/${path.basename(path.dirname(entry))}/index.cjs`, // never written: what source maps are relative to
    write: false,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs", // an ES module that imports node:https has Node.js load all that it exports, WebSocket included: 15 ms
    mainFields: ["module", "main"], // ES modules shake off what is not used: a quarter off the start
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: "eof",
    metafile: true,
    logLevel: "silent", // the thrown error says it all
  });
  const files = new Map([
    ...outputFiles.map(({ path: file, contents }) => [path.basename(file), contents] as const),
    ["LICENSE", readFileSync(path.join(ROOT, "LICENSE"))] as const,
    ["THIRD-PARTY-NOTICES", Buffer.from(noticesOf(ROOT, Object.keys(metafile.inputs)))] as const,
  ]);
  for (const [file, contents] of files) {
    writeFileSync(path.join(outputDir, file), contents, { flag: "wx", mode: 0o644 });
  }
  return files;
}

function compare(built: Files, folder: string): string[] {
  const there = readdirSync(folder);
  const extra = there.filter((name) => !built.has(name));
  const changed = [...built].filter(
    ([name, contents]) => !there.includes(name) || !readFileSync(path.join(folder, name)).equals(contents),
  );
  return [...extra, ...changed.map(([name]) => name)].map(
    (name) => `${path.join(folder, name)} is not what was built: who else can write there?`,
  );
}
