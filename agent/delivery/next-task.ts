import type { RunRule } from "../trial/run-rule.ts";
import { closesAt, type Gathering } from "./gather-units.ts";
import type { Candidate } from "./plan.ts";

/** Files of one rule that go together. */
export type Unit = {
  rule: RunRule;
  /** In the order in which they were queued. */
  members: readonly Candidate[];
  /** Paths of it whose delivery failed for now. */
  resting: readonly string[];
  /** Until no more files join it; 0 once none do. */
  closesInMs: number;
};

/** `deliver`: a file that is a unit by itself. `prepare`: fetch a file of a unit. `place`: put a unit in place; `condemn`: it failed before. */
export type Task =
  | { do: "deliver"; candidate: Candidate }
  | { do: "prepare"; unit: Unit; candidate: Candidate }
  | { do: "place"; unit: Unit }
  | { do: "condemn"; unit: Unit };

/** What is known of a file of a unit: `ready` it waits for the others, `held` it failed before. */
export type Progress = { ready: boolean; held: boolean };

/** @param now by the same clock as the gatherings */
export function unitsOf(
  gatherings: readonly Gathering[],
  candidates: readonly Candidate[],
  resting: readonly { id: string; path: string | undefined }[],
  now: number,
  quietMs: number,
): Unit[] {
  return gatherings.map((gathering) => ({
    rule: gathering.rule,
    members: candidates.filter(({ id }) => gathering.notes.has(id)),
    resting: [...new Set(resting.flatMap(({ id, path }) => (gathering.notes.has(id) ? (path ?? []) : [])))],
    closesInMs: Math.max(0, closesAt(gathering, quietMs) - now),
  }));
}

/**
 * What comes next: a unit that is whole, else what was queued first and can be gone on with. A unit does not overtake an earlier one of
 * its rule, unless that has to wait.
 *
 * @param isCondemned whether just these files failed together before
 */
export function nextTask(
  candidates: readonly Candidate[],
  units: readonly Unit[],
  progressOf: (id: string) => Progress,
  isCondemned: (unit: Unit) => boolean,
): Task | undefined {
  const lookedAt = ({ id }: Candidate) => progressOf(id).ready || progressOf(id).held;
  const isWhole = ({ members, resting, closesInMs }: Unit) =>
    members.length > 0 && resting.length === 0 && closesInMs === 0 && members.every(lookedAt);
  for (const [at, unit] of units.entries()) {
    const earlier = units
      .slice(0, at)
      .filter(({ rule, resting }) => rule === unit.rule && resting.length === 0);
    if (earlier.length > 0 || !isWhole(unit)) continue;
    if (isCondemned(unit)) return { do: "condemn", unit };
    if (unit.members.every(({ id }) => progressOf(id).ready)) return { do: "place", unit };
  }
  const unitOf = new Map(units.flatMap((unit) => unit.members.map((member) => [member, unit])));
  for (const candidate of candidates) {
    const unit = unitOf.get(candidate);
    if (unit === undefined) return { do: "deliver", candidate };
    const { ready, held } = progressOf(candidate.id);
    // What failed before is fetched only for a unit that is another one than failed.
    const wanted = () =>
      !held || (unit.closesInMs === 0 && unit.members.every(lookedAt) && !isCondemned(unit));
    if (!ready && wanted()) return { do: "prepare", unit, candidate };
  }
  return undefined;
}
