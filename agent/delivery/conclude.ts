import type { DeliveryEvent } from "../events/delivery-event.ts";
import type { Receipt } from "../link/link.ts";
import type { Outcome } from "./deliver.ts";
import type { Candidate } from "./plan.ts";

/** What follows from how a delivery ended. */
export type Conclusion = {
  events: DeliveryEvent[];
  receipt: Receipt;
  /** Notes that are done with. */
  settled: string[];
  /** True if the delivery is begun again later. */
  rests: boolean;
};

/** The device had these bytes already: nothing was fetched. [NF-2.4] */
export function concludeUnchanged(candidate: Candidate): Conclusion {
  const { announcement, path } = candidate;
  const { name, sha256 } = announcement;
  return {
    events: [{ event: "unchanged", name, path, sha256 }, ...supersededEvents(candidate)],
    receipt: { name, sha256, state: "unchanged", bytes: 0, requests: 0 },
    settled: everyNoteOf(candidate),
    rests: false,
  };
}

export function concludeDelivery(candidate: Candidate, outcome: Outcome): Conclusion {
  const { id, announcement, path } = candidate;
  const { name, sha256 } = announcement;
  const { bytes, requests, seconds } = outcome;
  if (outcome.state === "installed") {
    const installed: DeliveryEvent = { event: "installed", name, path, sha256, seconds, requests, bytes };
    return {
      events: [installed, ...supersededEvents(candidate)],
      receipt: { name, sha256, state: "installed", bytes, requests },
      settled: everyNoteOf(candidate), // [NF-2.3]
      rests: false,
    };
  }
  const { reason, detail, remedy } = outcome;
  const receipt = (state: Receipt["state"]): Receipt => ({ name, sha256, state, reason, bytes, requests });
  switch (remedy) {
    case "discard": // this one only [NF-2.3]
      return {
        events: [{ event: "discarded", name, reason }],
        receipt: receipt("discarded"),
        settled: [id],
        rests: false,
      };
    case "refuse":
      return {
        events: [{ event: "refused", name, reason, detail }],
        receipt: receipt("refused"),
        settled: [id],
        rests: false,
      };
    case "fail":
      return {
        events: [{ event: "failed", name, reason, detail }],
        receipt: receipt("failed"),
        settled: [id],
        rests: false,
      };
    case "rest":
      return {
        events: [{ event: "failed", name, reason, detail }],
        receipt: receipt("failed"),
        settled: [],
        rests: true,
      };
  }
}

function everyNoteOf({ id, older }: Candidate): string[] {
  return [...older.map((note) => note.id), id];
}

function supersededEvents({ older }: Candidate): DeliveryEvent[] {
  return older.map(({ name, etag }) => ({ event: "superseded", name, etag }));
}
