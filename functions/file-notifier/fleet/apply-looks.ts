import type { FleetFile, FleetState } from "../../../protocol/fleet-state.ts";
import type { KeyRefused } from "../../../protocol/key-refused.ts";
import { compareSeqs } from "../../../protocol/seq.ts";
import { type Share, saltOf } from "../../../protocol/share.ts";
import type { ReadVersion } from "./fleet-file.ts";
import { checkRoom, placesOf } from "./room.ts";

/**
 * What a look at a key found: nothing; a version that was read; or the version that is in the state already. `percent`: who is to get it,
 * as an operator says. `seq`: of the event that led to the look.
 */
export type Look = {
  key: string;
  seq?: string | undefined;
  percent?: number | undefined;
  found: "nothing" | ReadVersion | { known: string };
};

/** `refused`: looks that found no room, each with its reason. `lookAgain`: keys that may find some now. */
export type Applied = { state: FleetState; refused: Map<Look, KeyRefused>; lookAgain: string[] };

/** Keys without room that are remembered: the rest is found by the daily sweep. */
const WAITING_MAX = 100;

/**
 * What looks at keys of a fleet change in its state. The same state where they change nothing: what a look finds is what counts, not how
 * often or in which order it is told.
 *
 * @param now milliseconds since the epoch
 */
export function applyLooks(before: FleetState, looks: readonly Look[], now: number): Applied {
  const files = new Map(Object.entries(before.files));
  const waiting = new Set(before.waiting);
  const refused = new Map<Look, KeyRefused>();
  const places = placesOf(before.fleet, files.keys());
  let [changed, left] = [false, false];
  for (const look of removalsFirst(looks)) {
    const { key } = look;
    const known = files.get(key);
    const after = fileAfter(known, look);
    if (after === undefined) waiting.delete(key);
    if (after === known) continue;
    const refusal = known === undefined ? checkRoom(places, before.fleet, key) : undefined;
    if (refusal !== undefined) {
      refused.set(look, refusal);
      if (waiting.size < WAITING_MAX) waiting.add(key);
      continue;
    }
    if (after === undefined) {
      files.delete(key);
      places.remove(key);
      left = true;
    } else {
      files.set(key, after);
      places.add(key);
      waiting.delete(key);
    }
    changed = true;
  }
  const lookAgain = left ? [...waiting] : [];
  if (!changed && isSame(waiting, before.waiting)) return { state: before, refused, lookAgain };
  const { waiting: _, changedAt = now, revision, ...rest } = before;
  const kept = { ...rest, ...(waiting.size > 0 && { waiting: [...waiting] }) };
  const state: FleetState = changed
    ? { ...kept, revision: revision + 1, changedAt, files: Object.fromEntries(files) }
    : { ...kept, revision, ...present("changedAt", before.changedAt) };
  return { state, refused, lookAgain };
}

/** What leaves makes room for what comes. */
function removalsFirst(looks: readonly Look[]): Look[] {
  return looks.toSorted((a, b) => Number(b.found === "nothing") - Number(a.found === "nothing"));
}

function isSame(waiting: ReadonlySet<string>, before: readonly string[] = []): boolean {
  return waiting.size === before.length && before.every((key) => waiting.has(key));
}

/** The same object where nothing changes. */
function fileAfter(known: FleetFile | undefined, look: Look): FleetFile | undefined {
  const { found, seq, percent } = look;
  if (found === "nothing") return undefined;
  if ("known" in found || found.version === known?.version) {
    const version = "known" in found ? found.known : found.version;
    return known?.version === version && percent !== undefined ? withPercent(known, percent) : known;
  }
  const fresh: FleetFile = { ...found, ...present("seq", newerSeq(known?.seq, seq)) };
  const shared = percent === undefined ? fresh : withPercent(fresh, percent);
  return shared.share === undefined
    ? shared
    : { ...shared, ...present("previous", known && wholeFleetsOf(known)) };
}

/** The share that an operator gives a version; all of the fleet is no share. [NF-11.8] */
function withPercent(file: FleetFile, percent: number): FleetFile {
  const { share, previous, ...rest } = file;
  if (percent === 100) return share === undefined ? file : rest;
  if (share?.[0] === percent) return file;
  const next: Share = [percent, saltOf(file.version)];
  return { ...rest, share: next, ...present("previous", previous) };
}

/** The version that the whole fleet was to have. [NF-11.9] */
function wholeFleetsOf({ share, previous, seq: _, ...version }: FleetFile): FleetFile["previous"] {
  return share === undefined ? version : previous;
}

function newerSeq(known: string | undefined, seq: string | undefined): string | undefined {
  if (known === undefined || seq === undefined) return seq ?? known;
  return compareSeqs(seq, known) > 0 ? seq : known;
}

function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}
