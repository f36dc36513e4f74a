import { type Bill, billOf, monthOf, type Profiles, type Standing, standingBill, totalOf } from "./bill.ts";
import { secondsUnderLimit } from "./call-limit.ts";
import { type Counts, notehubCalls } from "./counts.ts";
import { type Fit, fitPlanes, type Miss, misses, type Point, predict } from "./fit.ts";
import type { CostFlags } from "./flags.ts";

/** What was counted of one way. */
export type Counted = {
  corners: readonly Point[];
  /** Not among the corners: how far off the fit is. */
  check: Point;
  profiles: Profiles;
} & Omit<Standing, "connectedDevices">;

/** What one way takes and costs. */
export type WayCost = {
  way: "by Notes" | "by variable" | "by AWS IoT Jobs";
  /** Of one update. */
  counts: Counts;
  bill: Bill;
  update: number;
  /** Of a month's updates, Notehub's free events taken off. */
  month: number;
  /** Of a month without updates. */
  standing: Bill;
  calls: number;
  /** Until Notehub has taken all calls of an update; undefined where there are none. */
  seconds: number | undefined;
  bytesPerDevice: number;
};

export type Costs = {
  ways: WayCost[];
  /** Where the fits are off at the point that they were not made of. */
  checked: { way: WayCost["way"]; at: Omit<Point, "counts">; misses: Miss[] }[];
};

export function costsOf(
  flags: CostFlags,
  counted: { notes: Counted; variable: Counted; jobs: Counted },
): Costs {
  const { devices, files } = flags;
  const ways = [
    { way: "by Notes", of: counted.notes, connectedDevices: 0 },
    { way: "by variable", of: counted.variable, connectedDevices: 0 },
    { way: "by AWS IoT Jobs", of: counted.jobs, connectedDevices: devices },
  ] as const;
  const fitted = ways.map((each) => ({ ...each, planes: fitPlanes(each.of.corners) }));
  return {
    ways: fitted.map(({ way, of, connectedDevices, planes }): WayCost => {
      const counts = predict(planes, devices, files);
      const bill = billOf(counts, of.profiles);
      const calls = Math.round(notehubCalls(counts));
      return {
        ...{ way, counts, bill, calls, update: totalOf(bill) },
        month: monthOf(bill, counts, flags.updates / 12),
        standing: standingBill({ ...of, connectedDevices }),
        seconds: calls === 0 ? undefined : secondsUnderLimit(calls, flags.limits),
        bytesPerDevice: counts.linkBytes / devices,
      };
    }),
    checked: fitted.map(({ way, of, planes }) => checkOf(way, planes, of)),
  };
}

function checkOf(way: WayCost["way"], planes: Fit, { check }: Counted): Costs["checked"][number] {
  const { devices, files } = check;
  return { way, at: { devices, files }, misses: misses(planes, check) };
}
