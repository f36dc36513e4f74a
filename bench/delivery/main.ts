import { startBenchStack } from "../bench-stack.ts";
import { deliver, fetchAlone } from "./measure.ts";

// 1 MB without a link's delay, against the same chunks fetched over HTTPS alone in the same run: the difference is
// what Notehub, the Notecard's serial protocol and the agent's fsyncs take.
const awaited = new Map<string, (at: number) => void>();
const said = (step: string) => new Promise<number>((resolve) => awaited.set(step, resolve));
const stack = await startBenchStack(["--fetch", "json"], {
  onEvent: (event) => awaited.get(`${event.step} ${event.key}`)?.(performance.now()),
});
try {
  for (let run = 1; run <= 5; run += 1) {
    const { etag, seconds } = await deliver(stack, `bench/${run}.bin`, said);
    const alone = await fetchAlone(stack, `bench/${run}.bin`, etag);
    const times = (seconds / alone).toFixed(2);
    console.log(`run ${run}: 1 MB in ${seconds.toFixed(2)} s (bound 3), ${times} x its chunks alone`);
    if (seconds >= 3) process.exitCode = 1;
  }
} finally {
  await stack.stop();
}
