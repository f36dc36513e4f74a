import { setFlagsFromString } from "node:v8";

/**
 * Keeps the process small, however it is started; flags on its command line would depend on that. V8 buys speed with memory:
 * a small device lacks the memory, and every link is slower than the code. V8 heeds these two flags in a process that runs
 * already, unlike `--max-semi-space-size`. `npm run bench:agent-memory` measures the effect.
 */
export function spareMemory(): void {
  // The young generation keeps its first size; otherwise it doubles again and again while a file passes through.
  setFlagsFromString("--semi-space-growth-factor=1");
  // The code of the optimising compiler alone takes 7 MB once it runs.
  setFlagsFromString("--no-opt");
}
