import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Template } from "../../local/template/cloud-assembly.ts";
import { type BenchStack, startBenchStack } from "../bench-stack.ts";
import { contentOf } from "./contents.ts";
import type { Counted } from "./costs.ts";
import { type Counts, difference } from "./counts.ts";
import type { Point } from "./fit.ts";
import { createBenchFleet } from "./fleets.ts";
import { createTally, type Tally } from "./tally.ts";

export type Way = "notes" | "variable";

/** Fleets of so many devices; an update changes so many files of one. */
const CORNERS = { devices: [1, 3], files: [1, 5] } as const;
const CHECK = { devices: 2, files: 2 } as const;

/** Updates before those that are counted: as many as the notifier makes patches from. */
const VERSIONS_BEFORE = 4;

/** The quiet time before a manifest, and nothing else that matters here, is divided by this. */
const TIME_SCALE = 4;

/** A stack that did nothing for so long has done all. */
const STILL_MS = 1_500;
const LOOK_MS = 100;
const TOO_LONG_MS = 180_000;

/** Runs the template with fleets of one to three devices, and counts what updates of some files take. */
export async function measureWay(way: Way, tell: (line: string) => void): Promise<Counted> {
  const tally = createTally();
  const held: (() => Promise<void>)[] = [];
  let alarms = 0;
  const most = Math.max(...CORNERS.devices);
  const bench = await startBenchStack(["--devices", String(most), "--time-scale", String(TIME_SCALE)], {
    ...tally.hooks,
    // Those of an update come together: how many batches they make is chance otherwise.
    deliverS3: async (send) => void held.push(send),
    editTemplate(template) {
      alarms = Object.values(template.Resources).filter(
        ({ Type }) => Type === "AWS::CloudWatch::Alarm",
      ).length;
      chooseWay(template, way);
    },
  });
  try {
    await bench.stack.devices.up;
    const fleets = new Map<number, string>();
    for (const devices of [...CORNERS.devices, CHECK.devices]) {
      fleets.set(devices, await createBenchFleet(bench, devices));
    }
    const files = Math.max(...CORNERS.files);
    const versions = new Map<string, number>();
    const update = async (devices: number, changed: number): Promise<void> => {
      const names = Array.from({ length: changed }, (_, at) => `of-${devices}/file-${at}.py`);
      for (const name of names) versions.set(name, (versions.get(name) ?? -1) + 1);
      const contents = names.map((name) => ({ name, bytes: contentOf(name, versions.get(name) ?? 0) }));
      await Promise.all(
        contents.map(({ name, bytes }) => bench.upload(`fleets/${fleets.get(devices)}/${name}`, bytes)),
      );
      wanted = [...wanted, ...contents.map((content) => ({ ...content, devices }))];
    };
    let wanted: { name: string; bytes: Buffer; devices: number }[] = [];
    const finish = async (): Promise<void> => {
      while (held.length < wanted.length) await sleep(LOOK_MS); // S3 tells of an upload after its reply
      const events = held.splice(0);
      tally.eventsSent(events.length);
      await Promise.all(events.map((send) => send()));
      await arrived(bench, wanted);
      await still(bench, tally);
      wanted = [];
    };

    await still(bench, tally);
    for (let version = 0; version <= VERSIONS_BEFORE; version += 1) {
      for (const devices of fleets.keys()) await update(devices, files);
      await finish();
      tell(`${way}: version ${version} of ${files} files is with fleets of ${[...fleets.keys()].join(", ")}`);
    }
    tally.forgetProfiles();
    const count = async (devices: number, changed: number): Promise<Point> => {
      const before = snapshot(bench, tally);
      await update(devices, changed);
      await finish();
      const point = { devices, files: changed, counts: difference(snapshot(bench, tally), before) };
      tell(`${way}: ${changed} of the files of ${devices} devices changed`);
      return point;
    };
    const corners: Point[] = [];
    for (const devices of CORNERS.devices)
      for (const changed of CORNERS.files) corners.push(await count(devices, changed));
    const check = await count(CHECK.devices, CHECK.files);
    return {
      ...{ corners, check, alarms, profiles: tally.profiles(), metrics: tally.metrics() },
      secrets: bench.stack.deployment.secrets.length,
      fileBytes: contentOf("of-1/file-0.py", 0).length,
    };
  } finally {
    await bench.stop();
  }
}

/** And has no update wait for the limit of calls, which is reckoned with by itself. */
function chooseWay(template: Template, way: Way): void {
  const properties = template.Resources.FileNotifierFunction?.Properties;
  const variables = Object(properties?.Environment).Variables;
  if (typeof Object(variables).FLEET_ANNOUNCEMENTS !== "string") {
    throw new Error("the template's notifier has no variable FLEET_ANNOUNCEMENTS");
  }
  variables.FLEET_ANNOUNCEMENTS = way;
  variables.NOTEHUB_CALLS_PER_MINUTE = "10000";
}

function snapshot(bench: BenchStack, tally: Tally): Counts {
  const links = bench.stack.devices.list.map(({ notecard }) => notecard.counters().total);
  const linkBytes = links.reduce((sum, { up, down, overhead }) => sum + up + down + overhead, 0);
  return { ...tally.counts(), linkBytes };
}

/** Returns once every device has every file. @throws {Error} that names what did not come. */
async function arrived(
  bench: BenchStack,
  wanted: readonly { name: string; bytes: Buffer; devices: number }[],
): Promise<void> {
  const began = performance.now();
  for (const { name, bytes, devices } of wanted) {
    for (const { root } of bench.stack.devices.list.slice(0, devices)) {
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
async function still(bench: BenchStack, tally: Tally): Promise<void> {
  const began = performance.now();
  let seen = "";
  let since = began;
  while (performance.now() - since < STILL_MS) {
    const queued = bench.stack.queues.list().map((queue) => queue.depth());
    const waits = queued.some(({ visible, inFlight, delayed }) => visible + inFlight + delayed > 0);
    const now = JSON.stringify(snapshot(bench, tally));
    if (waits || now !== seen) since = performance.now();
    seen = now;
    if (performance.now() - began > TOO_LONG_MS) throw new Error("the stack does not come to rest");
    await sleep(LOOK_MS);
  }
}
