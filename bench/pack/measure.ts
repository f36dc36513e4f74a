import { compress } from "../../functions/file-notifier/pack/zstd.ts";
import { packLikeTheNotifier } from "./pack-in-memory.ts";
import { edited } from "./sources.ts";

const NEVER = new AbortController().signal;
const MAX = { maxBytes: Number.POSITIVE_INFINITY };
const LEVELS = [1, 3, 9, 12, 15, 17, 19, 22];
const PATCH_MAX_BYTES = 2 * 1024 * 1024;

/** Prints what each level makes of a content, and what the notifier does. */
export async function measure(name: string, content: Buffer): Promise<void> {
  const size = content.length;
  console.log(`\n${name} (${size} bytes)`);
  for (const level of LEVELS) {
    const zstd = await cpuSeconds(() => compress(content, { size, level, ...MAX }, NEVER));
    const row = [`level ${level}`, `zstd ${zstd[0]?.length} in ${zstd[1].toFixed(3)} s`];
    if (size <= PATCH_MAX_BYTES) {
      const base = edited(content, Math.max(2, Math.round(size / 50_000)), 1);
      const patch = await cpuSeconds(() => compress(content, { size, level, base, ...MAX }, NEVER));
      row.push(`patch ${patch[0]?.length} in ${patch[1].toFixed(3)} s`);
    }
    console.log(row.join(" | "));
  }
  const bases = [1, 2, 3, 4].map((seed) => edited(content, seed * 3, seed));
  const [made, seconds] = await cpuSeconds(() => packLikeTheNotifier(content, bases));
  const patches = made.patches.map(({ bytes }) => bytes).join(", ");
  console.log(
    `packed as the notifier does: zstd ${made.zstd}, patches ${patches || "none"}, ` +
      `payload ${made.payload?.patch.length ?? "none"}, ${seconds.toFixed(2)} s of CPU`,
  );
}

async function cpuSeconds<Result>(work: () => Promise<Result>): Promise<[result: Result, seconds: number]> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1e6];
}
