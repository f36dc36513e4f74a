import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FetchWay } from "../../agent/link/notecard/doors/choose-door.ts";
import type { Measured } from "./contents.ts";
import { startMeasured } from "./measured-process.ts";

/** Milliseconds after which an idle process has finished everything that its start brings with it. */
export const SETTLE_MS = 1_000;

/** Peaks, in bytes, of one agent: when it is ready, and after the delivery of each file. */
export type Peaks = { idle: number; delivered: { label: string; peak: number }[] };

/** The peak of a Node.js that does nothing. */
export async function measureBareNode(node: string): Promise<number> {
  const bare = startMeasured(node, ["-e", "setInterval(() => undefined, 1000)"]);
  await sleep(SETTLE_MS);
  const peak = await bare.peak();
  await bare.stop();
  return peak;
}

/** Uploads of one version after the other to the same key. */
export type Deliveries = {
  key: string;
  versions: readonly Measured[];
  upload(content: Buffer): Promise<unknown>;
};

/**
 * Starts an agent as a user does, without flags for Node.js, and lets it fetch one version after the other.
 *
 * @throws {Error} if one did not travel in the way that is to be measured.
 */
export async function measureAgent(
  node: string,
  { bundle, notecardPort, folder }: { bundle: string; notecardPort: number; folder: string },
  way: FetchWay,
  { key, versions, upload }: Deliveries,
): Promise<Peaks> {
  const place = await mkdtemp(path.join(folder, "device-"));
  const agent = startMeasured(node, [
    ...[bundle, "run", "--fetch", way, "--notecard", `tcp://127.0.0.1:${notecardPort}`],
    ...["--root", path.join(place, "root"), "--state", path.join(place, "state")],
  ]);
  try {
    await agent.said("ready");
    await sleep(SETTLE_MS);
    const peaks: Peaks = { idle: await agent.peak(), delivered: [] };
    for (const { label, way: expected, content } of versions) {
      const installed = agent.said(`installed ${key}`);
      await upload(content());
      const line = await installed;
      if (expected !== undefined && !line.includes(`(${expected})`))
        throw new Error(`${label} came so: ${line}`);
      await sleep(SETTLE_MS); // for its receipt, and so that the next agent finds an empty queue
      peaks.delivered.push({ label, peak: await agent.peak() });
    }
    return peaks;
  } finally {
    await agent.stop();
    await rm(place, { recursive: true, force: true });
  }
}
