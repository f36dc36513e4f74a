import type { Announcement } from "../../../protocol/announcement.ts";
import { compareSequencers } from "../message/sequencer.ts";

/**
 * What is known of one key's announcement to one target.
 *
 * - `claimed`: an attempt is under way, or died, until `claimExpires`
 * - `unsent`: an attempt ended, and surely announced nothing
 * - `uncertain`: an attempt ended, and may have been heard
 * - `announced`: the carrier accepted
 */
export type AnnouncementRecord = {
  sequencer: string;
  versionId: string;
  announcement: Announcement;
  state: "claimed" | "unsent" | "uncertain" | "announced";
  /** Names the attempt that wrote this. */
  claimId: string;
  /** Milliseconds since the epoch. */
  claimExpires: number;
};

export type Decision =
  | { do: "drop"; because: "stale" | "done" }
  | { do: "wait"; seconds: number }
  | { do: "claim"; checkPending: boolean };

/**
 * Decides what a copy of an event does.
 *
 * INVARIANTS, given that a decision to claim is carried out by one conditional write on the record it was made from:
 * - no version is announced by two attempts whose claims are live at the same time
 * - an event is dropped only if its version, or a newer one, is announced or claimed by another copy that is retried
 *   until it is announced [NF-8.1]
 *
 * @param now milliseconds since the epoch
 */
export function decide(
  record: AnnouncementRecord | undefined,
  event: { sequencer: string },
  now: number,
): Decision {
  if (record === undefined) return { do: "claim", checkPending: false };
  const order = compareSequencers(event.sequencer, record.sequencer);
  if (order < 0) return { do: "drop", because: "stale" }; // [NF-8.4]
  if (order > 0) return { do: "claim", checkPending: false }; // a live claim on an older version does not stop this one
  if (record.state === "announced") return { do: "drop", because: "done" };
  if (record.state === "unsent") return { do: "claim", checkPending: false };
  if (record.state === "uncertain") return { do: "claim", checkPending: true }; // [NF-8.3]
  const left = record.claimExpires - now;
  return left > 0
    ? { do: "wait", seconds: Math.ceil(left / 1000) } // [NF-8.2]
    : { do: "claim", checkPending: true }; // [NF-8.3]: whoever claimed may have died after announcing
}
