import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { startBenchStack } from "../bench-stack.ts";
import { packedContents, WHOLE } from "./contents.ts";
import { measureAgent, measureBareNode } from "./measure.ts";
import { megabytes, report } from "./report.ts";
import { reportFleet } from "./report-fleet.ts";
import { measureThing } from "./thing.ts";

// `npm run bench:agent-memory [-- <node> ...]`: the agent's peak memory, idle and over deliveries by each way, of a fleet
// of many files and of an AWS IoT thing, against that of a Node.js which does nothing; and what a device writes to its disk for a fleet.
const CASES = [
  ["binary", "binary", WHOLE],
  ["raw", "raw", WHOLE],
  ["json", "json", WHOLE],
  ["packed", "binary", packedContents()],
] as const;
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
    for (const [name, way, versions] of CASES) {
      const key = `${name}.bin`;
      const upload = (content: Buffer) => stack.upload(key, content);
      const peaks = await measureAgent(node, place, way, { key, versions, upload });
      if (!report(name, bare, peaks)) process.exitCode = 1;
    }
    if (!(await reportFleet(node, bundle, bare))) process.exitCode = 1;
    if (!report("thing", bare, await measureThing(node, bundle))) process.exitCode = 1;
  }
} finally {
  await stack.stop();
}
