import { setTimeout as sleep } from "node:timers/promises";
import { contentOf } from "./contents.ts";
import type { Counted } from "./costs.ts";
import { difference } from "./counts.ts";
import type { Point } from "./fit.ts";
import { arrived, LOOK_MS, snapshot, still } from "./settle.ts";
import { createTally, type Tally } from "./tally.ts";
import { startThings } from "./things.ts";
import { startNotecards, type Way, type World } from "./world.ts";

type Points = {
  devices: [number, number];
  files: [number, number];
  check: { devices: number; files: number };
};

/** Fleets of so many devices; an update changes so many files of one. */
const OF_NOTEHUB: Points = { devices: [1, 3], files: [1, 5], check: { devices: 2, files: 2 } };
/** Of one file alone a job has more to say, for clients that know no manifest: not on the plane of many. [NF-13.4] */
const OF_JOBS: Points = { devices: [1, 3], files: [2, 5], check: { devices: 2, files: 3 } };

/** Updates before those that are counted: as many as the notifier makes patches from. */
const VERSIONS_BEFORE = 4;

/** Runs the template with fleets of one to three devices, and counts what updates of some files take. */
export async function measureWay(way: Way, tell: (line: string) => void): Promise<Counted> {
  const tally = createTally();
  const held: (() => Promise<void>)[] = [];
  const points = way === "jobs" ? OF_JOBS : OF_NOTEHUB;
  const sizes = [...points.devices, points.check.devices];
  const world =
    way === "jobs" ? await startThings(sizes, tally, held) : await startNotecards(way, sizes, tally, held);
  try {
    const { corners, check } = await measurePoints(world, tally, held, points, (line) =>
      tell(`${way}: ${line}`),
    );
    return {
      ...{ corners, check, alarms: world.alarms, profiles: tally.profiles(), metrics: tally.metrics() },
      secrets: world.bench.stack.deployment.secrets.length,
      polled: world.bench.stack.deployment.eventSourceMappings.length,
    };
  } finally {
    await world.stop();
  }
}

async function measurePoints(
  world: World,
  tally: Tally,
  held: (() => Promise<void>)[],
  points: Points,
  tell: (line: string) => void,
): Promise<{ corners: Point[]; check: Point }> {
  const { bench, fleets } = world;
  const files = Math.max(...points.files);
  const versions = new Map<string, number>();
  let wanted: { name: string; bytes: Buffer; devices: number }[] = [];
  const update = async (devices: number, changed: number): Promise<void> => {
    const names = Array.from({ length: changed }, (_, at) => `of-${devices}/file-${at}.py`);
    for (const name of names) versions.set(name, (versions.get(name) ?? -1) + 1);
    const contents = names.map((name) => ({ name, bytes: contentOf(name, versions.get(name) ?? 0) }));
    await Promise.all(
      contents.map(({ name, bytes }) => bench.upload(`${fleets.get(devices)}/${name}`, bytes)),
    );
    wanted = [...wanted, ...contents.map((content) => ({ ...content, devices }))];
  };
  const finish = async (): Promise<void> => {
    while (held.length < wanted.length) await sleep(LOOK_MS); // S3 tells of an upload after its reply
    const events = held.splice(0);
    tally.eventsSent(events.length);
    await Promise.all(events.map((send) => send()));
    await arrived(world, wanted);
    await still(world, tally);
    wanted = [];
  };

  await still(world, tally);
  for (let version = 0; version <= VERSIONS_BEFORE; version += 1) {
    for (const devices of fleets.keys()) await update(devices, files);
    await finish();
    tell(`version ${version} of ${files} files is with fleets of ${[...fleets.keys()].join(", ")}`);
  }
  tally.forgetProfiles();
  const count = async (devices: number, changed: number): Promise<Point> => {
    world.part();
    const before = await snapshot(world, tally);
    await update(devices, changed);
    await finish();
    tell(`${changed} of the files of ${devices} devices changed`);
    return { devices, files: changed, counts: difference(await snapshot(world, tally), before) };
  };
  const corners: Point[] = [];
  for (const devices of points.devices)
    for (const changed of points.files) corners.push(await count(devices, changed));
  return { corners, check: await count(points.check.devices, points.check.files) };
}
