import * as v from "valibot";

/**
 * Where a report stands among all of its device: by `n`, then by `ahead`. `n` is the device's own number, and no higher than the time in
 * milliseconds when Notehub received the report; `ahead` is by how much the number was higher. So what a clock says that is ahead is ordered as Notehub received it,
 * and what came at once by number; and it is in the way of nothing that is said later by a right clock. [NF-9.7]
 */
export type ReportOrder = { n: number; ahead?: number | undefined };

/** The members of a `ReportOrder`, for whatever is stored with it. */
export const REPORT_ORDER = {
  n: v.pipe(v.number(), v.minValue(0)),
  ahead: v.optional(v.pipe(v.number(), v.minValue(0))),
};

/** @param received milliseconds since the epoch */
export function reportOrder(number: number, received: number): ReportOrder {
  const most = Math.max(1, received);
  return number <= most ? { n: number } : { n: most, ahead: number - most };
}

export function compareReports(a: ReportOrder, b: ReportOrder): number {
  return a.n - b.n || (a.ahead ?? 0) - (b.ahead ?? 0);
}

/** False for two copies of one report. */
export function isLater(report: ReportOrder, than: ReportOrder | undefined): boolean {
  return than === undefined || compareReports(report, than) > 0;
}
