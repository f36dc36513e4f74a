import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Counts } from "./counts.ts";
import type { Tally } from "./tally.ts";
import type { World } from "./world.ts";

/** A stack that did nothing for so long has done all. */
const STILL_MS = 1_500;
export const LOOK_MS = 100;
const TOO_LONG_MS = 180_000;

/** What was counted so far, in the cloud and at the devices. */
export async function snapshot(world: World, tally: Tally): Promise<Counts> {
  const jobExecutions = await world.jobExecutions();
  return { ...tally.counts(), ...world.devicesCounts(), jobExecutions };
}

/** Returns once every device has every file. @throws {Error} that names what did not come. */
export async function arrived(
  { roots }: World,
  wanted: readonly { name: string; bytes: Buffer; devices: number }[],
): Promise<void> {
  const began = performance.now();
  for (const { name, bytes, devices } of wanted) {
    for (const root of roots.slice(0, devices)) {
      for (;;) {
        const found = await readFile(path.join(root, name)).catch(() => undefined);
        if (found?.equals(bytes)) break;
        if (performance.now() - began > TOO_LONG_MS) throw new Error(`${name} did not come to ${root}`);
        await sleep(LOOK_MS);
      }
    }
  }
}

/** Returns once nothing is queued and nothing is counted any more: receipts are on record then. */
export async function still(world: World, tally: Tally): Promise<void> {
  const began = performance.now();
  let seen = "";
  let since = began;
  while (performance.now() - since < STILL_MS) {
    const queued = world.bench.stack.queues.list().map((queue) => queue.depth());
    const waits = queued.some(({ visible, inFlight, delayed }) => visible + inFlight + delayed > 0);
    const now = JSON.stringify({ ...tally.counts(), ...world.devicesCounts() });
    if (waits || now !== seen) since = performance.now();
    seen = now;
    if (performance.now() - began > TOO_LONG_MS) throw new Error("the stack does not come to rest");
    await sleep(LOOK_MS);
  }
}
