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
  /** What has announced them. */
  ids: ReadonlySet<string>;
  paths: ReadonlySet<string>;
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
 */
export function gatherNotes(
  before: readonly Gathering[],
  pending: readonly PendingNote[],
  now: number,
  quietMs: number,
): Gathering[] {
  const known = new Set(before.flatMap(({ ids }) => [...ids]));
  let gatherings = before
    .map((gathering) => without(gathering, pending))
    .filter(({ paths }) => paths.size > 0);
  const news = pending.filter(({ id }) => !known.has(id));
  for (const burst of Map.groupBy(news, ({ rule, group }) => `${group} ${rule.match}`).values()) {
    const [first] = burst;
    if (first === undefined) continue;
    const joins = gatherings.filter((gathering) => joinedBy(gathering, burst, pending, now, quietMs));
    gatherings = [...gatherings.filter((each) => !joins.includes(each)), merged(joins, burst, now, quietMs)];
  }
  return gatherings.toSorted((a, b) => a.firstAt - b.firstAt);
}

function without(gathering: Gathering, pending: readonly PendingNote[]): Gathering {
  const still = pending.filter(({ rule, path }) => rule === gathering.rule && gathering.paths.has(path));
  const ids = pending.map(({ id }) => id).filter((id) => gathering.ids.has(id));
  return { ...gathering, ids: new Set(ids), paths: new Set(still.map(({ path }) => path)) };
}

function joinedBy(
  gathering: Gathering,
  burst: readonly PendingNote[],
  pending: readonly PendingNote[],
  now: number,
  quietMs: number,
): boolean {
  const { rule, group, paths } = gathering;
  if (burst[0]?.rule !== rule) return false;
  if (burst.some(({ path }) => paths.has(path))) return true;
  if (group !== undefined || burst[0].group !== undefined) return group === burst[0].group;
  const rests = pending.some((note) => note.resting && note.rule === rule && paths.has(note.path));
  return rests || now < closesAt(gathering, quietMs);
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
  return {
    rule: first.rule,
    ids: new Set([...joins.flatMap(({ ids }) => [...ids]), ...burst.map(({ id }) => id)]),
    paths: new Set([...joins.flatMap(({ paths }) => [...paths]), ...burst.map(({ path }) => path)]),
    group: joins.every(({ group }) => group === first.group) ? first.group : undefined,
    firstAt: open ? Math.min(now, ...joins.map(({ firstAt }) => firstAt)) : now,
    lastAt: now,
  };
}
