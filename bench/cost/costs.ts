import { type Bill, billOf, monthOf, type Profiles, type Standing, standingBill, totalOf } from "./bill.ts";
import { secondsUnderLimit } from "./call-limit.ts";
import { type Counts, notehubCalls } from "./counts.ts";
import { type Fit, fitPlanes, type Miss, misses, type Point, predict } from "./fit.ts";
import type { CostFlags } from "./flags.ts";
import { BY_CONTRACT, jobCounts } from "./iot-jobs.ts";

/** What was counted of one way. */
export type Counted = {
  corners: readonly Point[];
  /** Not among the corners: how far off the fit is. */
  check: Point;
  profiles: Profiles;
  fileBytes: number;
} & Omit<Standing, "connectedDevices">;

/** What one way takes and costs. */
export type WayCost = {
  way: "by Notes" | "by variable" | "by AWS IoT Jobs";
  basis: "counted" | typeof BY_CONTRACT;
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

export function costsOf(flags: CostFlags, notes: Counted, variable: Counted): Costs {
  const { devices, files } = flags;
  const fits = { notes: fitPlanes(notes.corners), variable: fitPlanes(variable.corners) };
  const cost = (way: WayCost["way"], basis: WayCost["basis"], counts: Counts, of: Counted): WayCost => {
    const bill = billOf(counts, of.profiles);
    const calls = Math.round(notehubCalls(counts));
    const connectedDevices = basis === BY_CONTRACT ? devices : 0;
    return {
      ...{ way, basis, counts, bill, calls, update: totalOf(bill) },
      month: monthOf(bill, counts, flags.updates / 12),
      standing: standingBill({ ...of, connectedDevices }),
      seconds: calls === 0 ? undefined : secondsUnderLimit(calls, flags.limits),
      bytesPerDevice: counts.linkBytes / devices,
    };
  };
  const byJobs = jobCounts(fits.variable, devices, files, variable.fileBytes);
  return {
    ways: [
      cost("by Notes", "counted", predict(fits.notes, devices, files), notes),
      cost("by variable", "counted", predict(fits.variable, devices, files), variable),
      cost("by AWS IoT Jobs", BY_CONTRACT, byJobs, variable),
    ],
    checked: [checkOf("by Notes", fits.notes, notes), checkOf("by variable", fits.variable, variable)],
  };
}

function checkOf(way: WayCost["way"], planes: Fit, { check }: Counted): Costs["checked"][number] {
  const { devices, files } = check;
  return { way, at: { devices, files }, misses: misses(planes, check) };
}
