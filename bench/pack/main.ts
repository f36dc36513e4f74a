import { compress } from "../../functions/file-notifier/pack/zstd.ts";
import { packLikeTheNotifier } from "./pack-in-memory.ts";
import { edited, readSources } from "./sources.ts";

/**
 * What each level saves and takes, on real sources; and what the notifier makes of a new version whose four earlier ones are at hand. Time is
 * that of the CPU, so that a busy machine does not count: at 1769 MB a Lambda function has one.
 */
const NEVER = new AbortController().signal;
const MAX = { maxBytes: Number.POSITIVE_INFINITY };
const LEVELS = [1, 3, 9, 12, 15, 17, 19, 22];
const CONTENTS: [name: string, content: Buffer][] = [
  ["7 KB", readSources("functions/file-notifier", 7_000)],
  ["100 KB", readSources("local", 100_000)],
  ["1 MB", readSources("node_modules/aws-cdk-lib/aws-ec2", 1_000_000)],
  ["2 MB", readSources("node_modules/fast-check", 2_000_000)],
  ["10 MB", readSources("node_modules/@aws-sdk", 10_000_000)],
];

async function cpuSeconds<Result>(work: () => Promise<Result>): Promise<[result: Result, seconds: number]> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1e6];
}

for (const [name, content] of CONTENTS) {
  const size = content.length;
  console.log(`\n${name} (${size} bytes)`);
  for (const level of LEVELS) {
    const zstd = await cpuSeconds(() => compress(content, { size, level, ...MAX }, NEVER));
    const row = [`level ${level}`, `zstd ${zstd[0]?.length} in ${zstd[1].toFixed(3)} s`];
    if (size <= 2 * 1024 * 1024) {
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
