import * as v from "valibot";
import { Announcement } from "./announcement.ts";
import { shortReason } from "./reason.ts";

/** How a delivery can end, `stopped`: how its program did later, and `removed`: that its file was taken away. [NF-9.6] */
export const RECEIPT_STATES = [
  "installed",
  "unchanged",
  "discarded",
  "refused",
  "failed",
  "stopped",
  "removed",
] as const;

/** Grows from report to report of a device, and is at least the Notecard's time in milliseconds when it was made. [NF-9.7] */
export const ReportNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** How the program ended that a version was taken back for: `exit <code>`, a signal's name, `start` or `agent`. [NF-9.9] */
export const Ended = v.pipe(v.string(), v.regex(/^[A-Za-z][A-Za-z0-9+ -]{0,23}$/));

/** The body of a receipt. [NF-9.6] */
export const Receipt = v.object({
  ...v.pick(Announcement, ["name", "sha256"]).entries,
  state: v.picklist(RECEIPT_STATES),
  /** Absent where the state says it all. Of one that is too long, the beginning is read: no receipt is refused for it. */
  reason: v.fallback(v.optional(v.pipe(v.string(), v.transform(shortReason))), undefined),
  ended: v.fallback(v.optional(Ended), undefined),
  /** Bytes of file that came over the link, and requests made for them. */
  bytes: Count,
  requests: Count,
  /** Orders what one device says; absent in receipts of 0.1.0. [NF-9.7] */
  n: v.fallback(v.optional(ReportNumber), undefined),
  /** How the content travelled, where any did. */
  way: v.fallback(v.optional(v.pipe(v.string(), v.regex(/^[a-z][a-z-]{0,15}$/))), undefined),
});

/** How one delivery ended, for whoever looks at the fleet. */
export type Receipt = v.InferOutput<typeof Receipt>;

/** The body of the outbound Note: the members that the contract names and no other, since each costs bytes. */
export function formatReceipt({
  name,
  sha256,
  state,
  reason,
  ended,
  bytes,
  requests,
  n,
  way,
}: Receipt): Receipt {
  return { name, sha256, state, reason, ended, bytes, requests, n, way };
}

/** Reads the body of an outbound Note; undefined if it is no receipt. Unknown members are ignored. */
export function parseReceipt(body: unknown): Receipt | undefined {
  const parsed = v.safeParse(Receipt, body);
  return parsed.success ? parsed.output : undefined;
}
