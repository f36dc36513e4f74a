import { writeFileSync } from "node:fs";
import path from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { type AssetCode, Code } from "aws-cdk-lib/aws-lambda";
import { buildSync } from "esbuild";

const ROOT = path.resolve(import.meta.dirname, "..");

/**
 * The bundle of `functions/<name>/index.ts`, the AWS SDK included: `index.mjs` and its source map.
 *
 * The bytes depend on the sources alone. NodejsFunction runs esbuild inside the output folder: its source map holds the
 * way from there to the sources, and the asset's hash depends on it. See docs/adr/0004-esbuild-bundles-the-functions.md.
 */
export function bundleFunction(name: string): AssetCode {
  return Code.fromAsset(path.join(ROOT, "functions", name), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry("unused"), // asked for by the type; the local bundler never declines
      local: {
        tryBundle(outputDir) {
          writeBundle(`functions/${name}/index.ts`, outputDir);
          return true;
        },
      },
    },
  });
}

/**
 * Bundles what a handler's file needs: `index.mjs` and its source map.
 *
 * @param entry relative to the project's root
 */
export function writeBundle(entry: string, outputDir: string): void {
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: [`./${entry}`],
    outfile: `dist/${path.basename(path.dirname(entry))}/index.mjs`, // never written: what source maps are relative to
    write: false,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"], // ES modules shake off what is not used: a quarter off the start
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: "eof",
    logLevel: "silent", // the thrown error says it all
  });
  for (const { path: file, contents } of outputFiles) {
    writeFileSync(path.join(outputDir, path.basename(file)), contents);
  }
}
