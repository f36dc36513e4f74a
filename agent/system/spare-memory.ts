import { setFlagsFromString } from "node:v8";

/**
 * Keeps the process small, however it is started; flags on its command line would depend on that. V8 buys speed with memory:
 * a small device lacks the memory, and every link is slower than the code. V8 heeds these flags in a process that runs
 * already, unlike `--max-semi-space-size`. `npm run bench:agent-memory` measures the effect.
 */
export function spareMemory(): void {
  // The young generation keeps its first size; otherwise it doubles again and again while a file passes through.
  setFlagsFromString("--semi-space-growth-factor=1");
  // The code of the optimising compiler alone takes 7 MB once it runs.
  setFlagsFromString("--no-opt");
  // That of the one before it takes 6 MB more while a fleet of 2,000 files comes.
  setFlagsFromString("--no-maglev");
  // Half the young generation, and old objects are collected earlier: 3 MB.
  setFlagsFromString("--optimize-for-size");
  // Small buffers share one of this size. Later versions of Node take 64 KiB, each of which outlives several collections of young objects, and then
  // stays until the old ones are collected: 5 MB over a thousand small files.
  Buffer.poolSize = 8 * 1024;
}
