import { readFile } from "node:fs/promises";
import path from "node:path";
import type { PageFile } from "./http/server.ts";

const PAGE = path.join(import.meta.dirname, "page");

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

/** The page as it is sent, by path: bundled here and now, so that there is no step that anybody must run, and no file that is stale. */
export async function buildPage(): Promise<ReadonlyMap<string, PageFile>> {
  const { build, stop } = await import("esbuild");
  const { outputFiles } = await build({
    absWorkingDir: PAGE,
    entryPoints: [
      { in: "./main.tsx", out: "page" },
      { in: "./style/page.css", out: "page" },
    ],
    outdir: "out", // never written
    write: false,
    bundle: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: true,
    legalComments: "eof",
    logLevel: "silent", // the thrown error says it all
  });
  await stop(); // it is a process of its own
  const bundled = outputFiles.map(({ path: file, contents }): [string, PageFile] => [
    `/${path.basename(file)}`,
    { type: TYPES[path.extname(file)] ?? "application/octet-stream", content: contents },
  ]);
  return new Map([
    ...bundled,
    ["/", { type: "text/html; charset=utf-8", content: await readFile(path.join(PAGE, "index.html")) }],
    ["/icon.svg", { type: "image/svg+xml", content: await readFile(path.join(PAGE, "icon.svg")) }],
  ]);
}
