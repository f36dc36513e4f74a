import * as v from "valibot";
import type { RECEIPT_STATES } from "./receipt.ts";
import { isLater, REPORT_ORDER, type ReportOrder } from "./report-order.ts";

/** The receipt of a manifest by which a failure is over: the device has what that manifest says of the path. [NF-11.12] */
export const Over = v.object({ ...REPORT_ORDER, fleet: v.string(), serial: v.number(), at: v.number() });

export type Over = v.InferOutput<typeof Over>;

type Reported = ReportOrder & { state: (typeof RECEIPT_STATES)[number] };

/** A delivery that succeeds for a manifest has no receipt of its own, so that these end by that of the manifest. [NF-11.12] */
const FAILED: ReadonlySet<Reported["state"]> = new Set(["failed", "refused", "discarded", "stopped"]);

/** Whether it is of something that the receipt of a manifest can end. */
export function isFailure(reported: Reported | undefined): reported is Reported {
  return reported !== undefined && FAILED.has(reported.state);
}

/** What ended a failure, if anything did. */
export function endOf(reported: Reported | undefined, over: Over | undefined): Over | undefined {
  return over !== undefined && isFailure(reported) && isLater(over, reported) ? over : undefined;
}
