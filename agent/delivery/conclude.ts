import type { OpenWay } from "../../protocol/choose-way.ts";
import type { Receipt } from "../../protocol/receipt.ts";
import type { DeliveryEvent } from "../events/delivery-event.ts";
import type { AskedVersion } from "../link/link.ts";
import type { SettledVersion } from "../state/latest-versions.ts";
import type { Remedy } from "./failures.ts";
import type { Candidate, Departure, OlderNote, Refusal } from "./plan.ts";

/** How a delivery ended. `bytes` and `requests` are what it cost. */
export type Outcome = { bytes: number; requests: number; seconds: number } & (
  | { state: "installed"; way: OpenWay }
  | ({ reason: string; detail: string; ended?: string | undefined } & Pick<Remedy, "state" | "tryLater">)
);

/** What follows from how a delivery ended. */
export type Conclusion = {
  events: DeliveryEvent[];
  /** Undefined for a Note that names nothing. */
  receipt: Receipt | undefined;
  /** Notes that are done with. */
  settled: string[];
  /** How far that brings their names: to be on disk before a Note is deleted. [NF-2.5] */
  latest: SettledVersion[];
  /** True if the delivery is begun again later. */
  tryLater: boolean;
};

/** The device had these bytes already: nothing was fetched. [NF-2.4] */
export function concludeUnchanged(candidate: Candidate): Conclusion {
  const { announcement, path } = candidate;
  const { name, sha256 } = announcement;
  const older = surelyOlder(candidate, 0);
  return {
    events: [{ event: "unchanged", name, path, sha256 }, ...older.map(supersededEvent)],
    receipt: { name, sha256, state: "unchanged", bytes: 0, requests: 0 },
    settled: noteIds(candidate, older),
    latest: versionsOf(candidate, older),
    tryLater: false,
  };
}

/** A file that was to go is not there any more. */
export function concludeRemoved(candidate: Candidate): Conclusion {
  const { announcement, path } = candidate;
  const { name, sha256 } = announcement;
  const older = surelyOlder(candidate, 0);
  return {
    events: [{ event: "removed", name, path }, ...older.map(supersededEvent)],
    receipt: { name, sha256, state: "removed", bytes: 0, requests: 0 },
    settled: noteIds(candidate, older),
    latest: versionsOf(candidate, older),
    tryLater: false,
  };
}

/** Where a file was to go there is another by now, which stays. No report names what a person has put there. */
export function concludeLeft({ id }: Candidate): Conclusion {
  return { events: [], receipt: undefined, settled: [id], latest: [], tryLater: false };
}

export function concludeDelivery(candidate: Candidate, outcome: Outcome): Conclusion {
  const { id, announcement, path } = candidate;
  const { name, sha256 } = announcement;
  const { state, bytes, requests, seconds } = outcome;
  if (state === "installed") {
    const { size } = announcement;
    const { way } = outcome.way;
    const carried = carriedBy(outcome.way);
    const installed: DeliveryEvent = {
      event: "installed",
      name,
      path,
      sha256,
      seconds,
      requests,
      bytes,
      size,
      way,
      carried,
    };
    const older = surelyOlder(candidate, bytes);
    return {
      events: [installed, ...older.map(supersededEvent)],
      receipt: { name, sha256, state, bytes, requests, way: size > 0 ? way : undefined },
      settled: noteIds(candidate, older), // [NF-2.3]
      latest: versionsOf(candidate, older, true),
      tryLater: false,
    };
  }
  const { reason, detail, ended, tryLater } = outcome;
  return {
    events: [state === "discarded" ? { event: state, name, reason } : { event: state, name, reason, detail }],
    receipt: { name, sha256, state, reason, ended, bytes, requests },
    settled: tryLater ? [] : [id], // this one only [NF-2.3]
    // The server no longer has a discarded version, which says nothing of the older ones.
    latest: tryLater || state === "discarded" ? [] : versionOf(announcement),
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
    latest: announcement === undefined ? [] : versionOf(announcement),
    tryLater: false,
  };
}

/** A key that is gone: the older Notes of that name ask for nothing any more. [NF-2.6] */
export function concludeDeparture({ id, gone, path, older }: Departure): Conclusion {
  const { name, seq } = gone;
  return {
    events: [{ event: "gone", name, path }, ...older.map(supersededEvent)],
    receipt: undefined,
    settled: [...older.map((note) => note.id), id],
    latest: [{ name, seq, again: undefined, gone: true }],
    tryLater: false,
  };
}

/** Whether a key is gone could not be asked: its Note stays in the queue. */
export function concludeUnsure(name: string, reason: string, detail: string): Conclusion {
  const event: DeliveryEvent = { event: "failed", name, reason, detail };
  return { events: [event], receipt: undefined, settled: [], latest: [], tryLater: true };
}

/** A Note that comes later than a newer version of its name. [NF-2.5] */
export function concludeSuperseded(note: OlderNote): Conclusion {
  const events = [supersededEvent(note)];
  return { events, receipt: undefined, settled: [note.id], latest: [], tryLater: false };
}

/**
 * The Notes that this one settles. One without `seq` may itself be the older, queued late: only that the server gave bytes for it
 * says that it was current, and else no more is sure than that a Note of the same content asks for nothing new. [NF-2.2]
 */
function surelyOlder({ announcement, older }: Candidate, bytes: number): OlderNote[] {
  const { name, seq, etag } = announcement;
  if (seq !== undefined || bytes > 0) return older;
  return older.filter((note) => note.name === name && note.etag === etag);
}

/** Bytes that the content took, however they came. */
function carriedBy(way: OpenWay): number {
  return way.way === "note" ? way.patches.reduce((sum, { patch }) => sum + patch.length, 0) : way.bytes;
}

function noteIds({ id }: Candidate, older: readonly OlderNote[]): string[] {
  return [...older.map((note) => note.id), id];
}

/** Another name of the same path has come so far too: what it announced is not wanted any more. */
function versionsOf(
  { announcement }: Candidate,
  older: readonly OlderNote[],
  served = false,
): SettledVersion[] {
  const others = older.map(({ name, seq, gone = false }) => ({ name, seq, again: undefined, gone }));
  const its = versionOf(announcement).map((version) => (served ? { ...version, served } : version));
  return [...others, ...its];
}

/** What a manifest asks for without a \`seq\` leaves the order as it is: the manifest's serial is its order. [NF-11.13] */
function versionOf({ name, seq, again, version }: AskedVersion): SettledVersion[] {
  return seq === undefined && version !== undefined ? [] : [{ name, seq, again, gone: false }];
}

function supersededEvent({ name, etag }: OlderNote): DeliveryEvent {
  return { event: "superseded", name, etag };
}
