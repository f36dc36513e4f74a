import type { Receipt } from "../../protocol/receipt.ts";
import type { DeliveryEvent } from "../events/delivery-event.ts";
import type { Remedy } from "./failures.ts";
import type { Candidate, Refusal } from "./plan.ts";

/** How a delivery ended. `bytes` and `requests` are what it cost. */
export type Outcome = { bytes: number; requests: number; seconds: number } & (
  | { state: "installed" }
  | ({ reason: string; detail: string } & Pick<Remedy, "state" | "tryLater">)
);

/** What follows from how a delivery ended. */
export type Conclusion = {
  events: DeliveryEvent[];
  /** Undefined for a Note that names nothing. */
  receipt: Receipt | undefined;
  /** Notes that are done with. */
  settled: string[];
  /** True if the delivery is begun again later. */
  tryLater: boolean;
};

/** The device had these bytes already: nothing was fetched. [NF-2.4] */
export function concludeUnchanged(candidate: Candidate): Conclusion {
  const { announcement, path } = candidate;
  const { name, sha256 } = announcement;
  return {
    events: [{ event: "unchanged", name, path, sha256 }, ...supersededEvents(candidate)],
    receipt: { name, sha256, state: "unchanged", bytes: 0, requests: 0 },
    settled: everyNoteOf(candidate),
    tryLater: false,
  };
}

export function concludeDelivery(candidate: Candidate, outcome: Outcome): Conclusion {
  const { id, announcement, path } = candidate;
  const { name, sha256 } = announcement;
  const { state, bytes, requests, seconds } = outcome;
  if (state === "installed") {
    const installed: DeliveryEvent = { event: "installed", name, path, sha256, seconds, requests, bytes };
    return {
      events: [installed, ...supersededEvents(candidate)],
      receipt: { name, sha256, state, bytes, requests },
      settled: everyNoteOf(candidate), // [NF-2.3]
      tryLater: false,
    };
  }
  const { reason, detail, tryLater } = outcome;
  return {
    events: [state === "discarded" ? { event: state, name, reason } : { event: state, name, reason, detail }],
    receipt: { name, sha256, state, reason, bytes, requests },
    settled: tryLater ? [] : [id], // this one only [NF-2.3]
    tryLater,
  };
}

/** A Note that asks for nothing the agent will do. */
export function concludeRefusal({ id, announcement, reason, detail }: Refusal): Conclusion {
  const { name = "", sha256 = "" } = announcement ?? {};
  const receipt: Receipt = { name, sha256, state: "refused", reason, bytes: 0, requests: 0 };
  return {
    events: [{ event: "refused", name, reason, detail }],
    receipt: announcement === undefined ? undefined : receipt,
    settled: [id],
    tryLater: false,
  };
}

function everyNoteOf({ id, older }: Candidate): string[] {
  return [...older.map((note) => note.id), id];
}

function supersededEvents({ older }: Candidate): DeliveryEvent[] {
  return older.map(({ name, etag }) => ({ event: "superseded", name, etag }));
}
