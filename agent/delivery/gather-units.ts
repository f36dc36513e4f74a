import type { RunRule } from "../trial/run-rule.ts";

/** A Note that is to be done with, of a file whose rule makes units. */
export type PendingNote = {
  id: string;
  path: string;
  rule: RunRule;
  group: string | undefined;
  /** It failed for now. */
  resting: boolean;
};

/** Files of one rule that were announced together. */
export type Gathering = {
  rule: RunRule;
  /** Their paths, by what has announced them. */
  notes: ReadonlyMap<string, string>;
  /** They are known to belong together: no further ones are waited for. */
  group: string | undefined;
  /** When the first and the last of them were heard of, in milliseconds. */
  firstAt: number;
  lastAt: number;
};

/** A quiet time after the first announcement, and no more than so many of them: who uploads on and on starves nobody. */
const MOST_QUIET_TIMES = 7;

/** When no more files join a gathering. */
export function closesAt({ group, firstAt, lastAt }: Gathering, quietMs: number): number {
  if (group !== undefined) return lastAt;
  return Math.min(lastAt + quietMs, firstAt + MOST_QUIET_TIMES * quietMs);
}

/**
 * Sorts what is pending into units. What is new goes to the one that it is a newer version for, to the one that is still open, or to
 * one that has to wait anyway; else it begins another.
 *
 * @param before as they were at the last look, without what was brought to its end since
 */
export function gatherNotes(
  before: readonly Gathering[],
  pending: readonly PendingNote[],
  now: number,
  quietMs: number,
): Gathering[] {
  const known = new Set(before.flatMap(({ notes }) => [...notes.keys()]));
  const news = pending.filter(({ id }) => !known.has(id));
  const byId = new Map(pending.map((note) => [note.id, note]));
  // A newer manifest asks for what an older one asked for: that is of its group now, and so is what comes with it.
  let gatherings = before.map((gathering) => ({ ...gathering, group: groupOf(gathering, byId) }));
  for (const burst of Map.groupBy(news, ({ rule, group }) => `${group} ${rule.match}`).values()) {
    const joins = gatherings.filter((gathering) => joinedBy(gathering, burst, pending, now, quietMs));
    gatherings = [...gatherings.filter((each) => !joins.includes(each)), merged(joins, burst, now, quietMs)];
  }
  return gatherings
    .map((gathering) => onlyPending(gathering, byId))
    .filter(({ notes }) => notes.size > 0)
    .toSorted((a, b) => a.firstAt - b.firstAt);
}

/** The same without what was brought to its end: who announces it anew begins anew. */
export function withoutNotes(gatherings: readonly Gathering[], ids: ReadonlySet<string>): Gathering[] {
  return gatherings.map((gathering) => ({
    ...gathering,
    notes: new Map([...gathering.notes].filter(([id]) => !ids.has(id))),
  }));
}

function onlyPending(gathering: Gathering, byId: ReadonlyMap<string, PendingNote>): Gathering {
  const still = pendingOf(gathering, byId);
  const group = groupOf(gathering, byId);
  return { ...gathering, group, notes: new Map(still.map(({ id, path }) => [id, path])) };
}

/** Undefined if they are of several; of what was brought to its end as it was. */
function groupOf(gathering: Gathering, byId: ReadonlyMap<string, PendingNote>): string | undefined {
  const [first, ...others] = pendingOf(gathering, byId);
  if (first === undefined) return gathering.group;
  return others.every(({ group }) => group === first.group) ? first.group : undefined;
}

function pendingOf({ notes }: Gathering, byId: ReadonlyMap<string, PendingNote>): PendingNote[] {
  return [...notes.keys()].flatMap((id) => byId.get(id) ?? []);
}

function joinedBy(
  gathering: Gathering,
  burst: readonly PendingNote[],
  pending: readonly PendingNote[],
  now: number,
  quietMs: number,
): boolean {
  const { rule, group, notes } = gathering;
  const [first] = burst;
  if (first?.rule !== rule) return false;
  const paths = new Set(notes.values());
  if (burst.some(({ path }) => paths.has(path))) return true;
  if (group !== undefined || first.group !== undefined) return group === first.group;
  return now < closesAt(gathering, quietMs) || pending.some(({ id, resting }) => resting && notes.has(id));
}

function merged(
  joins: readonly Gathering[],
  burst: readonly PendingNote[],
  now: number,
  quietMs: number,
): Gathering {
  const [first] = burst;
  if (first === undefined) throw new TypeError("a burst has at least one Note");
  const open = joins.every((gathering) => now < closesAt(gathering, quietMs));
  const announced = burst.map(({ id, path }): [string, string] => [id, path]);
  return {
    rule: first.rule,
    notes: new Map([...joins.flatMap(({ notes }) => [...notes]), ...announced]),
    group: first.group,
    firstAt: open ? Math.min(now, ...joins.map(({ firstAt }) => firstAt)) : now,
    lastAt: now,
  };
}
