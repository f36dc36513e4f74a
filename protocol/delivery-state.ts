import * as v from "valibot";
import { Announced, isWithdrawn, Unannounced, Withdrawn, withheldIn } from "./announced.ts";
import { endOf, Over } from "./over.ts";
import { isSameContent, type KnownInventory, newestIn, Placed, withList } from "./placed.ts";
import { RECEIPT_STATES } from "./receipt.ts";
import { isLater, REPORT_ORDER } from "./report-order.ts";

/** What a device said last of a file, and when Notehub received that. */
const Reported = v.object({
  key: v.string(),
  ...REPORT_ORDER,
  /** Or the beginning of it. */
  sha256: v.string(),
  state: v.picklist(RECEIPT_STATES),
  reason: v.optional(v.string()),
  ended: v.optional(v.string()),
  way: v.optional(v.string()),
  bytes: v.number(),
  requests: v.number(),
  at: v.number(),
});

/**
 * What the cloud knows of one path of one device. Each part is the newest of its kind, so that reports may come in any
 * order and any number of times.
 */
export const Delivery = v.object({
  device: v.string(),
  path: v.string(),
  announced: v.optional(Announced),
  unannounced: v.optional(Unannounced),
  withdrawn: v.optional(v.array(Withdrawn)),
  reported: v.optional(Reported),
  /** Of a failure that was reported: the newest receipt of a manifest that says it is over. */
  over: v.optional(Over),
  placed: v.optional(Placed),
  /** The newest that says of a content that it is there, or was taken away: of what a list lacks it tells whether it was ever there. */
  had: v.optional(Placed),
});

export type Reported = v.InferOutput<typeof Reported>;
export type Delivery = v.InferOutput<typeof Delivery>;

export const DELIVERY_STATES = [
  "not-announced",
  "announced",
  "installed",
  "unchanged",
  "discarded",
  "refused",
  "failed",
  "rolled-back",
  "stopped",
  "removed",
  "missing",
] as const;

/**
 * `not-announced`: nobody could tell it of the newest version. `announced`: nothing was heard of it yet. `rolled-back`: it did not
 * run. `missing`: it had it, and said since that it does not.
 */
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** States that somebody should look at. */
export const TROUBLE: ReadonlySet<DeliveryState> = new Set([
  "not-announced",
  "refused",
  "failed",
  "rolled-back",
  "stopped",
  "missing",
]);

/** The same object where the report is neither the newest, nor tells more of what is at the path. */
export function withReported(delivery: Delivery, reported: Reported): Delivery {
  const newest = isLater(reported, delivery.reported) ? reported : delivery.reported;
  const placing = placedBy(reported);
  const [placed, had] = [newestIn(delivery.placed, placing), newestIn(delivery.had, placing)];
  if (newest === delivery.reported && placed === delivery.placed && had === delivery.had) return delivery;
  return { ...delivery, reported: newest, placed, had };
}

/** What a report says of the file at the path; a failure leaves there what was there. [NF-9.1] */
export function placedBy({
  n,
  ahead,
  at,
  state,
  sha256,
}: Pick<Reported, "n" | "ahead" | "at" | "state" | "sha256">): Placed | undefined {
  if (state === "installed" || state === "unchanged") return { n, ahead, at, sha256 };
  return state === "removed" ? { n, ahead, at, sha256: undefined } : undefined;
}

export function stateOf(delivery: Delivery, inventory: KnownInventory | undefined): DeliveryState {
  return judge(delivery, inventory).state;
}

/** A state, and the one part of what is known that says so: reasons and times of the other parts are of something else. */
export type Judgement = { state: DeliveryState } & (
  | { by: "unannounced"; part: Unannounced }
  | { by: "announced"; part: Announced | undefined }
  | { by: "reported"; part: Reported }
  | { by: "over"; part: Over }
  | { by: "placed"; part: Placed }
);

export function judge(delivery: Delivery, inventory: KnownInventory | undefined): Judgement {
  const { announced, reported, placed, had } = withList(delivery, inventory);
  const withheld = isWithdrawn(delivery) ? undefined : withheldIn(delivery);
  if (withheld !== undefined && !isHeardOf(withheld.sha256, reported, placed))
    return { state: "not-announced", by: "unannounced", part: withheld };
  const newest = withheld?.sha256 ?? announced?.sha256;
  // A report of another content is of an older version: every announcement is on record before a device can answer it.
  const answer =
    newest === undefined || (reported && isSameContent(newest, reported.sha256)) ? reported : undefined;
  const over = endOf(answer, delivery.over);
  const told: Judgement =
    answer === undefined
      ? { state: "announced", by: "announced", part: announced }
      : over === undefined
        ? { state: stateOfReport(answer), by: "reported", part: answer }
        : { state: "installed", by: "over", part: over };
  if (placed === undefined || !isLater(placed, over ?? reported)) return told;
  const wanted = newest ?? reported?.sha256;
  const bare = { by: "placed", part: placed } as const;
  if (over !== undefined) return placed.sha256 === undefined ? { state: "missing", ...bare } : told;
  if (wanted === undefined) return { state: placed.sha256 === undefined ? "removed" : "installed", ...bare };
  if (placed.sha256 !== undefined && isSameContent(placed.sha256, wanted))
    return HAS_IT.has(told.state) ? told : { state: "installed", ...bare };
  // It does not have it: which is as it should be for one that failed, or that has not answered yet.
  if (HAS_IT.has(told.state)) return { state: "missing", ...bare };
  const lacksOld = placed.sha256 === undefined && had?.sha256 !== undefined;
  return told.state === "rolled-back" && lacksOld ? { state: "missing", ...bare } : told;
}

/** What is there as a report with such a state says; whoever finds it there confirms that. */
const HAS_IT: ReadonlySet<DeliveryState> = new Set(["installed", "unchanged", "stopped"]);

/** Somebody else told the device, as `noteferry resend` does, or it has had these very bytes before. */
function isHeardOf(
  sha256: string | undefined,
  reported: Reported | undefined,
  placed: Placed | undefined,
): boolean {
  if (sha256 === undefined) return false;
  return (
    (reported !== undefined && isSameContent(reported.sha256, sha256)) ||
    (placed?.sha256 !== undefined && isSameContent(placed.sha256, sha256))
  );
}

function stateOfReport({ state, reason }: Reported): DeliveryState {
  return state === "failed" && reason === "run" ? "rolled-back" : state;
}
