import type { FleetFile, FleetState, RememberedShare } from "../../../protocol/fleet-state.ts";
import type { KeyRefused } from "../../../protocol/key-refused.ts";
import { newerSeq } from "../../../protocol/seq.ts";
import { type Share, saltOf } from "../../../protocol/share.ts";
import type { ReadVersion } from "./fleet-file.ts";
import { checkRoom, placesOf } from "./room.ts";

/**
 * What a look at a key found: nothing; a version that was read; or the version that is in the state already. `given`: a share that an
 * operator gives a version of the key, whichever is current. `seq`: where what was found stands in the order, where that is known.
 */
export type Look = {
  key: string;
  seq?: string | undefined;
  given?: { versionId: string; percent: number } | undefined;
  found: "nothing" | ReadVersion | { known: string };
};

/** `refused`: looks that found no room, each with its reason. `lookAgain`: keys that may find some now. */
export type Applied = { state: FleetState; refused: Map<Look, KeyRefused>; lookAgain: string[] };

/** Keys without room that are remembered: the rest is found by the daily sweep. */
const WAITING_MAX = 100;

/** Shares of versions that are remembered. */
const SHARES_MAX = 500;

/**
 * What looks at keys of a fleet change in its state. The same state where they change nothing: what a look finds is what counts, not how
 * often or in which order it is told.
 *
 * @param now milliseconds since the epoch
 */
export function applyLooks(before: FleetState, looks: readonly Look[], now: number): Applied {
  const files = new Map(Object.entries(before.files));
  const shares = new Map(Object.entries(before.shares ?? {}));
  const waiting = new Set(before.waiting);
  const refused = new Map<Look, KeyRefused>();
  const places = placesOf(files.keys());
  let [changed, raised] = [false, false];
  for (const look of removalsFirst(looks)) {
    const { key } = look;
    const known = files.get(key);
    noteGiven(shares, look, known);
    const after = fileAfter(known, shares, look);
    if (after?.share !== undefined) note(shares, after);
    if (after === undefined) waiting.delete(key);
    if (after === known) {
      // Told with the next change: by itself it changes nothing on a device.
      const seq = newerSeq(known?.seq, look.seq);
      if (known === undefined || seq === known.seq) continue;
      files.set(key, { ...known, ...present("seq", seq) });
      raised = true;
      continue;
    }
    const refusal = known === undefined ? checkRoom(places, key) : undefined;
    if (refusal !== undefined) {
      refused.set(look, refusal);
      if (waiting.size < WAITING_MAX) waiting.add(key);
      continue;
    }
    if (after === undefined) {
      files.delete(key);
      places.remove(key);
    } else {
      files.set(key, after);
      places.add(key);
      waiting.delete(key);
    }
    changed = true;
  }
  const lookAgain = [...waiting].filter((key) => checkRoom(places, key) === undefined);
  const { changedAt = now } = before;
  const asides = {
    ...present("waiting", waiting.size > 0 ? [...waiting] : undefined),
    ...present("shares", shares.size > 0 ? Object.fromEntries([...shares].slice(-SHARES_MAX)) : undefined),
  };
  const { waiting: _, shares: __, ...rest } = before;
  if (changed) {
    const revision = before.revision + 1;
    const state = { ...rest, ...asides, revision, changedAt, files: Object.fromEntries(files) };
    return { state, refused, lookAgain };
  }
  const isSame = !raised && JSON.stringify(asides) === JSON.stringify(asidesOf(before));
  const same = { ...rest, ...asides, files: Object.fromEntries(files) };
  return { state: isSame ? before : same, refused, lookAgain };
}

function asidesOf({ waiting, shares }: FleetState) {
  return { ...present("waiting", waiting), ...present("shares", shares) };
}

/** What leaves makes room for what comes. */
function removalsFirst(looks: readonly Look[]): Look[] {
  return looks.toSorted((a, b) => Number(b.found === "nothing") - Number(a.found === "nothing"));
}

/** Should the version come back after others, it must not go to more devices than before. */
function note(shares: Map<string, RememberedShare>, { version, share, previous }: FleetFile): void {
  shares.set(version, { percent: share?.[0] ?? 100, ...present("previous", previous) });
}

function noteGiven(
  shares: Map<string, RememberedShare>,
  { given }: Look,
  known: FleetFile | undefined,
): void {
  if (given === undefined || shares.get(given.versionId)?.percent === given.percent) return;
  const previous = shares.get(given.versionId)?.previous;
  if (given.versionId === known?.version) note(shares, withPercent(known, given.percent));
  else shares.set(given.versionId, { percent: given.percent, ...present("previous", previous) });
}

/** The same object where nothing changes. */
function fileAfter(
  known: FleetFile | undefined,
  shares: ReadonlyMap<string, RememberedShare>,
  { found, seq, given }: Look,
): FleetFile | undefined {
  if (found === "nothing") return undefined;
  if ("known" in found || found.version === known?.version) {
    const isMeant = given !== undefined && known?.version === given.versionId;
    return isMeant ? withPercent(known, given.percent) : known;
  }
  const fresh: FleetFile = { ...found, ...present("seq", newerSeq(known?.seq, seq)) };
  const remembered = shares.get(fresh.version);
  const shared = remembered === undefined ? fresh : withPercent(fresh, remembered.percent);
  if (shared.share === undefined) return shared;
  return { ...shared, ...present("previous", remembered?.previous ?? (known && wholeFleetsOf(known))) };
}

/** The share that an operator gives a version; all of the fleet is no share. [NF-11.8] */
function withPercent(file: FleetFile, percent: number): FleetFile {
  const { share, previous, ...rest } = file;
  if (percent === 100) return share === undefined ? file : rest;
  if (share?.[0] === percent) return file;
  const next: Share = [percent, saltOf(file.version, file.release)];
  return { ...rest, share: next, ...present("previous", previous) };
}

/** The version that the whole fleet was to have. [NF-11.9] */
function wholeFleetsOf({
  share,
  previous,
  seq: _,
  release: __,
  ...version
}: FleetFile): FleetFile["previous"] {
  return share === undefined ? version : previous;
}

function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: Value });
}
