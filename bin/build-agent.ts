import { copyFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { buildSync } from "esbuild";
import { noticesOf } from "../lib/notices.ts";

// `npm run build:agent [-- <folder>]`: the agent as one file, with our licence and the notices of what is in it.
const ROOT = path.resolve(import.meta.dirname, "..");
const folder = path.resolve(process.argv[2] ?? path.join(ROOT, "agent/package"));

const { metafile } = buildSync({
  absWorkingDir: ROOT,
  entryPoints: ["agent/main.ts"],
  outfile: path.join(folder, "noteferry-agent.mjs"),
  bundle: true,
  platform: "node",
  target: "node22",
  format: "esm",
  legalComments: "inline",
  // It goes to devices over their links. Names stay, for a stack trace in a log.
  minifyWhitespace: true,
  minifySyntax: true,
  banner: { js: "#!/usr/bin/env node" },
  metafile: true,
});
copyFileSync(path.join(ROOT, "LICENSE"), path.join(folder, "LICENSE"));
writeFileSync(path.join(folder, "THIRD-PARTY-NOTICES"), noticesOf(ROOT, Object.keys(metafile.inputs)));
