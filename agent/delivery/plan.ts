import type { Gone } from "../../protocol/announcement.ts";
import type { PayloadPatch } from "../../protocol/choose-way.ts";
import { KeyRefused } from "../../protocol/key-refused.ts";
import { compareSeqs, type Seq } from "../../protocol/seq.ts";
import { addressKey } from "../../protocol/target.ts";
import type { AskedVersion, QueuedNote } from "../link/link.ts";
import type { LatestVersion } from "../state/latest-versions.ts";

/** A Note of the queue, or what stands for one: a request of a person, or a file that a manifest asks for. */
export type AskingNote = Omit<QueuedNote, "announcement"> & {
  announcement?: AskedVersion;
  /** Patches that came with it, besides its own. [NF-11.7] */
  payloads?: readonly PayloadPatch[] | undefined;
  /** Notes of one group belong together, and no further ones are waited for. */
  group?: string;
  /** What is announced is to be removed from its path. */
  remove?: true;
};

/** A Note that the agent will not act on, and why. */
export type Refusal = { id: string; announcement: AskedVersion | undefined; reason: string; detail: string };

/** A Note that is done with once another one is: what its version was; `gone`: it said that there is none. */
export type OlderNote = {
  id: string;
  name: string;
  etag: string | undefined;
  seq: Seq | undefined;
  gone?: true;
};

/** An announcement that may be brought to its end now. */
export type Candidate = {
  id: string;
  announcement: AskedVersion;
  path: string;
  /** Names those that it belongs together with, where that is known. */
  group: string | undefined;
  /** The file is to go. */
  remove: true | undefined;
  /** Asked for once more: what is remembered against this version does not count. [NF-2.7] */
  again: boolean;
  /** Patches that came beside announcements of this name: they may lead to this version. [NF-10.5] */
  payloads: PayloadPatch[];
  /** Notes that are done with once this one is installed. */
  older: OlderNote[];
};

/** A key that the bucket does not have any more; the file stays. [NF-2.6] */
export type Departure = { id: string; gone: Gone; path: string; older: OlderNote[] };

export type Plan = {
  refusals: Refusal[];
  /** Notes that a version which was settled before has overtaken. */
  superseded: OlderNote[];
  departures: Departure[];
  /** At most one per path, in the order in which they were queued. */
  candidates: Candidate[];
  /** What would come first, but has to rest; `path` is undefined for a Note that names none. */
  resting: { id: string; path: string | undefined; group: string | undefined }[];
};

/** A Note whose name has a path, `at` its place in the queue. */
type Place = { id: string; at: number; name: string; path: string };
type Announced = Place &
  Pick<Candidate, "group" | "remove"> & { announcement: AskedVersion; gone?: undefined };
type Addressed = Announced | (Place & { gone: Gone; announcement?: undefined });

/**
 * What a queue asks for. Of one name the version with the highest `seq` counts, wherever it stands in the queue [NF-2.5];
 * announcements without `seq` are tried after it, the last-queued first, and the server's word decides [NF-2.2]. Where two names
 * mean one path, such as a device's own file and its fleet's, the name whose newest version was queued last counts.
 *
 * @param queue oldest first
 * @param settled ids of Notes that are done with, though they are still queued
 * @param latestOf what was settled before, by name
 * @param isResting whether a Note's delivery failed and is not begun again yet
 * @param realPathOf where a path really goes, by way of symbolic links
 */
export function planDeliveries(
  queue: readonly AskingNote[],
  settled: ReadonlySet<string>,
  latestOf: (name: string) => LatestVersion | undefined,
  isResting: (id: string) => boolean,
  realPathOf: (path: string) => string = (path) => path,
): Plan {
  const plan: Plan = { refusals: [], superseded: [], departures: [], candidates: [], resting: [] };
  const byPath = new Map<string, Addressed[]>();
  const payloads = payloadsByName(queue);
  for (const [at, note] of queue.entries()) {
    if (settled.has(note.id)) continue;
    const addressed = addressOf(note, at, realPathOf);
    if ("reason" in addressed && isResting(note.id))
      plan.resting.push({ id: note.id, path: undefined, group: undefined });
    else if ("reason" in addressed) plan.refusals.push(addressed);
    else if (isOvertaken(addressed, latestOf(addressed.name))) plan.superseded.push(asOlder(addressed));
    else if (byPath.get(addressed.path)?.push(addressed) === undefined)
      byPath.set(addressed.path, [addressed]);
  }
  for (const notes of byPath.values()) {
    for (const departure of departuresOf(notes)) {
      if (isResting(departure.id))
        plan.resting.push({ id: departure.id, path: departure.path, group: undefined });
      else plan.departures.push(departure);
    }
    const inTurn = contendersOf(notes);
    const chosen = inTurn.findIndex(({ id }) => !isResting(id));
    const [waiting, candidate] = chosen < 0 ? [inTurn] : [inTurn.slice(0, chosen), inTurn[chosen]];
    plan.resting.push(...waiting.map(({ id, path, group }) => ({ id, path, group })));
    if (candidate !== undefined)
      plan.candidates.push({
        ...candidateOf(candidate, notes, latestOf(candidate.name)),
        payloads: payloads.get(candidate.name) ?? [],
      });
  }
  const places = new Map(queue.map(({ id }, at) => [id, at]));
  plan.candidates.sort((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0));
  return plan;
}

/** A patch says what it gives, whatever became of its announcement: those of settled Notes serve as well. */
function payloadsByName(queue: readonly AskingNote[]): Map<string, PayloadPatch[]> {
  const payloads = queue.flatMap(({ announcement, payload, payloads: more = [] }) => {
    if (announcement === undefined) return [];
    const { name, b: base, sha256, size } = announcement;
    const own = base === undefined || payload === undefined ? [] : [{ base, sha256, size, patch: payload }];
    return [...own, ...more].map((patch) => ({ name, patch }));
  });
  const byName = Map.groupBy(payloads, ({ name }) => name);
  return new Map([...byName].map(([name, named]) => [name, named.map(({ patch }) => patch)]));
}

/** The names of one path whose newest word is that they are gone. */
function departuresOf(notes: readonly Addressed[]): Departure[] {
  return byName(notes).flatMap((named) => {
    const newest = newestOf(named);
    if (newest?.gone === undefined) return [];
    const older = named.filter((note) => note !== newest && seqOf(note) !== undefined);
    return [{ id: newest.id, gone: newest.gone, path: newest.path, older: older.map(asOlder) }];
  });
}

/** The announcements of one path that may be tried, in the order in which to try them. */
function contendersOf(notes: readonly Addressed[]): Announced[] {
  const perName = byName(notes).map((named) => {
    const newest = newestOf(named);
    const without = named.filter(isAnnounced).filter(({ announcement }) => announcement.seq === undefined);
    // Nobody can tell whether these are older: a version that is not current is refused by the server. [NF-2.2]
    return newest !== undefined && isAnnounced(newest) ? [newest, ...without.reverse()] : without.reverse();
  });
  return perName.reduce((best, each) => ((each[0]?.at ?? -1) > (best[0]?.at ?? -1) ? each : best), []);
}

function byName(notes: readonly Addressed[]): Addressed[][] {
  return [...Map.groupBy(notes, ({ name }) => name).values()];
}

/** By `seq`; of one version the Note that asks for it once more, else the last-queued. */
function newestOf(named: readonly Addressed[]): Addressed | undefined {
  let newest: Addressed | undefined;
  for (const note of named) {
    if (seqOf(note) !== undefined && (newest === undefined || !isBefore(note, newest))) newest = note;
  }
  return newest;
}

/** @param other queued before `note` */
function isBefore(note: Addressed, other: Addressed): boolean {
  const order = compareSeqs(seqOf(note) ?? "", seqOf(other) ?? "");
  return order === 0 ? (note.announcement?.again ?? 0) < (other.announcement?.again ?? 0) : order < 0;
}

function candidateOf(
  note: Announced,
  notes: readonly Addressed[],
  latest: LatestVersion | undefined,
): Omit<Candidate, "payloads"> {
  const { id, at, name, path, announcement, group, remove } = note;
  const older = notes.filter((other) => {
    if (other === note) return false;
    if (other.name !== name) return other.at < at;
    const [seq, otherSeq] = [announcement.seq, seqOf(other)];
    if (seq === undefined || otherSeq === undefined) return seq === otherSeq && other.at < at;
    return compareSeqs(otherSeq, seq) <= 0;
  });
  const again = (announcement.again ?? 0) > (latest?.again ?? 0);
  return { id, announcement, path, group, remove, again, older: older.map(asOlder) };
}

/**
 * A version that was settled is judged again by what is on the disk, its departure is not. [NF-2.5] Where some version came
 * without `seq`, the highest may be a lie, and the server decides. [NF-2.2]
 */
function isOvertaken(note: Addressed, latest: LatestVersion | undefined): boolean {
  const seq = seqOf(note);
  if (seq === undefined || latest?.seq === undefined) return false;
  if (latest.unordered && note.gone === undefined) return false;
  const order = compareSeqs(seq, latest.seq);
  return order < 0 || (order === 0 && note.gone !== undefined);
}

function isAnnounced(note: Addressed): note is Announced {
  return note.announcement !== undefined;
}

function seqOf({ announcement, gone }: Addressed): Seq | undefined {
  return announcement?.seq ?? gone?.seq;
}

function asOlder(note: Addressed): OlderNote {
  const { id, name, announcement, gone } = note;
  return { id, name, etag: announcement?.etag, seq: seqOf(note), ...(gone && { gone: true }) };
}

/** The path of a Note's file below the root. [NF-1.3] */
function addressOf(
  { id, announcement, gone, group, remove }: AskingNote,
  at: number,
  realPathOf: (path: string) => string,
): Addressed | Refusal {
  const name = announcement?.name ?? gone?.name;
  if (name === undefined) {
    return { id, announcement, reason: "unreadable", detail: "the Note is no announcement" }; // [NF-2.1]
  }
  try {
    const path = realPathOf(addressKey(name).path); // [NF-1.4]
    if (gone !== undefined) return { id, at, name, path, gone };
    if (announcement !== undefined) return { id, at, name, path, announcement, group, remove };
    throw new TypeError("unreachable");
  } catch (error) {
    if (!(error instanceof KeyRefused)) throw error;
    return { id, announcement, reason: error.reason, detail: error.message };
  }
}
