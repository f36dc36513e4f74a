import { setFlagsFromString } from "node:v8";

/**
 * Keeps the process small however it is started, unlike flags on its command line. What V8 spends on speed is memory that
 * a small device lacks, and every link is slower than the code. Both flags are heeded while the process runs, as
 * `--max-semi-space-size` is not. `npm run bench:agent-memory` measures what it comes to.
 */
export function spareMemory(): void {
  // The young part of the heap stays as small as it begins; it would double again and again while a file passes through.
  setFlagsFromString("--semi-space-growth-factor=1");
  // The code of the optimising compiler alone takes 7 MB once it runs.
  setFlagsFromString("--no-opt");
}
