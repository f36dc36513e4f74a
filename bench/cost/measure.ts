import { setTimeout as sleep } from "node:timers/promises";
import { announceFleetsBy, createBenchFleet } from "../bench-fleet.ts";
import { startBenchStack } from "../bench-stack.ts";
import { contentOf } from "./contents.ts";
import type { Counted } from "./costs.ts";
import { difference } from "./counts.ts";
import type { Point } from "./fit.ts";
import { arrived, LOOK_MS, snapshot, still } from "./settle.ts";
import { createTally } from "./tally.ts";

export type Way = "notes" | "variable";

/** Fleets of so many devices; an update changes so many files of one. */
const CORNERS = { devices: [1, 3], files: [1, 5] } as const;
const CHECK = { devices: 2, files: 2 } as const;

/** Updates before those that are counted: as many as the notifier makes patches from. */
const VERSIONS_BEFORE = 4;

/** The quiet time before a manifest, and nothing else that matters here, is divided by this. */
const TIME_SCALE = 4;

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
      announceFleetsBy(template, way);
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
