import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { promisify } from "node:util";
import { startBenchStack } from "../bench-stack.ts";
import { measureAgent, measureBareNode } from "./measure.ts";
import { megabytes, report } from "./report.ts";

// `npm run bench:agent-memory [-- <node> ...]`: the agent's peak memory, idle and over deliveries by each way, against
// that of a Node.js which does nothing.
const SIZES = [1_000_000, 100_000_000];
const run = promisify(execFile);
const nodes = process.argv.length > 2 ? process.argv.slice(2) : [process.execPath];
const stack = await startBenchStack(["--no-agent"]);
try {
  const bundle = path.join(stack.folder, "noteferry-agent.mjs");
  await run("npm", ["run", "build:agent", "--", stack.folder]);
  const place = { bundle, notecardPort: stack.endpoints.notecard.port, folder: stack.folder };
  for (const node of nodes) {
    const bare = await measureBareNode(node);
    console.log(`${(await run(node, ["--version"])).stdout.trim()} alone: ${megabytes(bare)}`);
    for (const way of ["binary", "raw", "json"] as const) {
      const key = `${way}.bin`;
      const upload = (size: number) => stack.upload(key, randomBytes(size));
      const peaks = await measureAgent(node, place, way, { key, sizes: SIZES, upload });
      if (!report(way, bare, peaks)) process.exitCode = 1;
    }
  }
} finally {
  await stack.stop();
}
