import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { startBigObjects } from "./big-objects.ts";

/**
 * Prints the notifier's peak memory for a 5 GB file against that for 50 MB: the design asks for a constant. And that of a batch of ten
 * files, two at the limit of what is compressed, and eight at that of what is patched.
 */
const run = promisify(execFile);
const READER = path.join(import.meta.dirname, "read-object.ts");
const PACKER = path.join(import.meta.dirname, "pack-batch.ts");
const MIB = 1024 * 1024;
const SIZES = [50_000_000, 5_000_000_000];

const objects = await startBigObjects();
const peaks: number[] = [];
for (const size of SIZES) {
  const started = performance.now();
  const { stdout } = await run(process.execPath, [READER, objects.url, String(size)]);
  const seconds = (performance.now() - started) / 1000;
  const peak = Number(stdout);
  peaks.push(peak);
  console.log(
    `${size / 1e6} MB: peak ${(peak / 1e6).toFixed(1)} MB, ${(size / 1e6 / seconds).toFixed(0)} MB/s`,
  );
}
const batch = [64 * MIB, 64 * MIB, ...Array<number>(8).fill(2 * MIB)];
const { stdout } = await run(process.execPath, [PACKER, objects.url, ...batch.map(String)]);
console.log(`two of 64 MiB and eight of 2 MiB, packed: peak ${(Number(stdout) / 1e6).toFixed(1)} MB`);
objects.close();
const [small = Number.NaN, large = Number.NaN] = peaks;
console.log(`ratio ${(large / small).toFixed(2)}`);
