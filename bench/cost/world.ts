import { announceFleetsBy, createBenchFleet } from "../bench-fleet.ts";
import { type BenchStack, startBenchStack } from "../bench-stack.ts";
import type { Counts } from "./counts.ts";
import type { Tally } from "./tally.ts";

export type Way = "notes" | "variable" | "jobs";

/** A stack with fleets of its first devices, whichever kind of device that is. */
export type World = {
  bench: BenchStack;
  /** Folder of the bucket for each fleet, by its number of devices. */
  fleets: ReadonlyMap<number, string>;
  /** Folders of the devices' files. */
  roots: readonly string[];
  /** What a tally of the cloud does not see, so far. */
  devicesCounts(): Pick<Counts, "linkBytes" | "mqttMessages">;
  jobExecutions(): Promise<number>;
  /** Has connections end that would not last from one update to the next. */
  part(): void;
  alarms: number;
  stop(): Promise<void>;
};

/** The quiet time before a manifest, and nothing else that matters here, is divided by this. */
const TIME_SCALE = ["--time-scale", "4"];

/** A stack that `tally` counts, whose uploads are held back by `held`, so that those of an update come together: how many batches they make is chance otherwise. */
export async function startCounted(
  tally: Tally,
  held: (() => Promise<void>)[],
  args: readonly string[],
  edit: (template: Parameters<typeof announceFleetsBy>[0]) => void,
): Promise<{ bench: BenchStack; alarms: number }> {
  let alarms = 0;
  const bench = await startBenchStack([...args, ...TIME_SCALE], {
    ...tally.hooks,
    deliverS3: async (send) => void held.push(send),
    editTemplate(template) {
      alarms = Object.values(template.Resources).filter(
        ({ Type }) => Type === "AWS::CloudWatch::Alarm",
      ).length;
      edit(template);
    },
  });
  return { bench, alarms };
}

/** Devices behind Notecards, told by Notehub. */
export async function startNotecards(
  way: "notes" | "variable",
  sizes: readonly number[],
  tally: Tally,
  held: (() => Promise<void>)[],
): Promise<World> {
  const args = ["--devices", String(Math.max(...sizes))];
  const { bench, alarms } = await startCounted(tally, held, args, (template) =>
    announceFleetsBy(template, way),
  );
  const { devices } = bench.stack;
  await devices.up;
  const fleets = new Map<number, string>();
  for (const size of sizes) fleets.set(size, `fleets/${await createBenchFleet(bench, size)}`);
  return {
    ...{ bench, fleets, alarms, roots: devices.list.map(({ root }) => root) },
    devicesCounts() {
      const links = devices.list.map(({ notecard }) => notecard.counters().total);
      const linkBytes = links.reduce((sum, { up, down, overhead }) => sum + up + down + overhead, 0);
      return { linkBytes, mqttMessages: 0 };
    },
    jobExecutions: async () => 0,
    part: () => undefined,
    stop: () => bench.stop(),
  };
}
