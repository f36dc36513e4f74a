import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type BuildOptions, build } from "esbuild";
import { noticesOf } from "../lib/notices.ts";

// `npm run build:agent [-- <folder>]`: the agent as one file, and a second one for what only an AWS IoT thing loads, with our licence and the
// notices of what is in them.
const ROOT = path.resolve(import.meta.dirname, "..");
const folder = path.resolve(process.argv[2] ?? path.join(ROOT, "agent/package"));
const WIRE = "noteferry-agent-wire.cjs";
/** The first of 22 with `crc32`. */
const LEAST_NODE = [22, 2] as const;

/**
 * A Node that is too old would end in a stack trace, and that only once it needs what it lacks. What it lacks must not be imported by name,
 * which fails before this is reached: `crc32` of `node:zlib` came with Node 20.15 and 22.2.
 */
const CHECK = `{
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < ${LEAST_NODE[0]} || (major === ${LEAST_NODE[0]} && minor < ${LEAST_NODE[1]})) {
    console.error("noteferry-agent needs Node ${LEAST_NODE.join(".")} or later, and this is " + process.version);
    process.exit(1);
  }
}`;

const OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: "node",
  target: `node${LEAST_NODE.join(".")}`,
  legalComments: "inline",
  metafile: true,
} as const satisfies BuildOptions;

const agent = await build({
  ...OPTIONS,
  entryPoints: ["agent/main.ts"],
  outfile: path.join(folder, "noteferry-agent.mjs"),
  format: "esm",
  define: {
    NOTEFERRY_UNIT: JSON.stringify(
      readFileSync(path.join(ROOT, "agent/service/noteferry-agent.service"), "utf8"),
    ),
  },
  minify: true, // it goes to devices over their links
  keepNames: true, // for a stack trace in a log
  banner: { js: `#!/usr/bin/env node\n${CHECK}` },
  plugins: [
    {
      name: "wire apart",
      setup: ({ onResolve }) =>
        onResolve({ filter: /\/wire\.ts$/ }, () => ({ path: `./${WIRE}`, external: true })),
    },
  ],
});
const wire = await build({
  ...OPTIONS,
  entryPoints: ["agent/link/iot/wire.ts"],
  outfile: path.join(folder, WIRE),
  format: "cjs", // what is in it asks for modules of Node by `require`
  minify: true,
  // What MQTT.js would load for WebSockets and proxies, and we never do; and its copy of Node's streams, which is 200 KB.
  external: ["ws", "socks"],
  alias: { "readable-stream": "node:stream" },
});
copyFileSync(path.join(ROOT, "LICENSE"), path.join(folder, "LICENSE"));
const inputs = [agent, wire].flatMap(({ metafile }) => Object.keys(metafile.inputs));
writeFileSync(path.join(folder, "THIRD-PARTY-NOTICES"), noticesOf(ROOT, inputs));
