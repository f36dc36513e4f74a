import * as v from "valibot";
import { Announcement } from "./announcement.ts";

/** How a delivery can end, and `stopped`: how its program did later. [NF-9.6] */
export const RECEIPT_STATES = [
  "installed",
  "unchanged",
  "discarded",
  "refused",
  "failed",
  "stopped",
] as const;

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** The body of a receipt. [NF-9.6] */
const Receipt = v.object({
  ...v.pick(Announcement, ["name", "sha256"]).entries,
  state: v.picklist(RECEIPT_STATES),
  /** Absent where the state says it all. */
  reason: v.optional(v.string()),
  /** Bytes of file that came over the link, and requests made for them. */
  bytes: Count,
  requests: Count,
});

/** How one delivery ended, for whoever looks at the fleet. */
export type Receipt = v.InferOutput<typeof Receipt>;

/** The body of the outbound Note: the members that the contract names and no other, since each costs bytes. */
export function formatReceipt({ name, sha256, state, reason, bytes, requests }: Receipt): Receipt {
  return { name, sha256, state, reason, bytes, requests };
}

/** Reads the body of an outbound Note; undefined if it is no receipt. Unknown members are ignored. */
export function parseReceipt(body: unknown): Receipt | undefined {
  const parsed = v.safeParse(Receipt, body);
  return parsed.success ? parsed.output : undefined;
}
