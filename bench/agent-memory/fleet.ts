import { mkdtemp, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { announceFleetsBy, createBenchFleet } from "../bench-fleet.ts";
import { type BenchStack, startBenchStack } from "../bench-stack.ts";
import { moduleOf } from "./contents.ts";
import { type Peaks, SETTLE_MS } from "./measure.ts";
import { startMeasured } from "./measured-process.ts";

/** Files of the fleet, and those of an update. */
export const FILES = 2_000;
export const CHANGED = 30;

const AT_ONCE = 20;
/** The quiet time before a manifest is divided by this. */
const TIME_SCALE = 4;
/** A stack whose queues are empty for so long has told the fleet all that it will. */
const STILL_MS = 5_000;
const TOO_LONG_MS = 300_000;

export type FleetMeasured = { peaks: Peaks; written: { joined: number; updated: number } };

/** A device joins a fleet that has many files already; then some of them change. @throws {Error} if it does not get them all. */
export async function measureFleet(node: string, bundle: string): Promise<FleetMeasured> {
  const bench = await startBenchStack(["--no-agent", "--time-scale", String(TIME_SCALE)], {
    editTemplate: (template) => announceFleetsBy(template, "variable"),
  });
  const place = await mkdtemp(path.join(bench.folder, "device-"));
  const root = path.join(place, "root");
  try {
    const fleet = await createBenchFleet(bench, 1);
    const upload = async (files: number, version: number) => {
      const rest = Array.from({ length: files }, (_, at) => at);
      const inTurn = async () => {
        for (let at = rest.shift(); at !== undefined; at = rest.shift())
          await bench.upload(`fleets/${fleet}/${nameOf(at)}`, moduleOf(at, version));
      };
      await Promise.all(Array.from({ length: AT_ONCE }, inTurn));
      await still(bench);
    };
    await upload(FILES, 1);
    const agent = startMeasured(node, [
      ...[bundle, "run", "--notecard", `tcp://127.0.0.1:${bench.endpoints.notecard.port}`],
      ...["--root", root, "--state", path.join(place, "state")],
    ]);
    try {
      await agent.said("ready");
      const peaks: Peaks = { idle: await agent.peak(), delivered: [] };
      const bring = async (label: string, files: number, version: number) => {
        const before = await agent.written();
        if (version > 1) await upload(files, version);
        for (let at = 0; at < files; at += 1)
          await arrived(path.join(root, nameOf(at)), moduleOf(at, version));
        await sleep(SETTLE_MS); // for its receipt
        peaks.delivered.push({ label, peak: await agent.peak() });
        return (await agent.written()) - before;
      };
      const joined = await bring(`${FILES} files`, FILES, 1);
      const updated = await bring(`${CHANGED} of them`, CHANGED, 2);
      return { peaks, written: { joined, updated } };
    } finally {
      await agent.stop();
    }
  } finally {
    await bench.stop();
    await rm(place, { recursive: true, force: true });
  }
}

const nameOf = (at: number) => `app/part-${at % 50}/file-${at}.py`;

async function arrived(file: string, bytes: Buffer): Promise<void> {
  for (const began = performance.now(); ; await sleep(100)) {
    const found = await readFile(file).catch(() => undefined);
    if (found?.equals(bytes)) return;
    if (performance.now() - began > TOO_LONG_MS) throw new Error(`${file} did not come`);
  }
}

async function still({ stack }: BenchStack): Promise<void> {
  for (let since = performance.now(); performance.now() - since < STILL_MS; await sleep(100)) {
    const queued = stack.queues.list().map((queue) => queue.depth());
    if (queued.some(({ visible, inFlight, delayed }) => visible + inFlight + delayed > 0))
      since = performance.now();
  }
}
