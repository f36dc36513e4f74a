import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseFlags } from "../../local/flags.ts";
import { readStackLog } from "../../local/progress/log-reader.ts";
import { startStack } from "../../local/stack/start-stack.ts";
import { deliver, fetchAlone } from "./measure.ts";

// 1 MB without a link's delay, against the same chunks fetched over HTTPS alone in the same run: the difference is
// what Notehub, the Notecard's serial protocol and the agent's fsyncs take.
const dataDir = await mkdtemp(path.join(tmpdir(), "noteferry-bench-"));
const ports = ["s3", "aws", "url", "notehub", "notecard"].flatMap((name) => [`--${name}-port`, "0"]);
const flags = parseFlags(["--data", dataDir, "--fetch", "json", ...ports], dataDir);
if (flags === undefined) throw new Error("no stack to measure");
const awaited = new Map<string, (at: number) => void>();
const said = (step: string) => new Promise<number>((resolve) => awaited.set(step, resolve));
const stack = await startStack(flags, {
  onLog(source, line) {
    const event = readStackLog(source, line);
    if (event !== undefined) awaited.get(`${event.step} ${event.key}`)?.(performance.now());
  },
});
const agent = new Agent({ ca: await readFile(stack.endpoints.caFile), keepAlive: true });
try {
  for (let run = 1; run <= 5; run += 1) {
    const { etag, seconds } = await deliver(stack.endpoints, agent, `bench/${run}.bin`, said);
    const alone = await fetchAlone(stack.endpoints, agent, `bench/${run}.bin`, etag);
    const times = (seconds / alone).toFixed(2);
    console.log(`run ${run}: 1 MB in ${seconds.toFixed(2)} s (bound 3), ${times} x its chunks alone`);
    if (seconds >= 3) process.exitCode = 1;
  }
} finally {
  agent.destroy();
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}
