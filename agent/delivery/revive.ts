import type { QueuedNote } from "../link/link.ts";
import { type FailedVersion, REMOVED, unitOf } from "../trial/failed-versions.ts";
import type { RunRule } from "../trial/run-rule.ts";

/** What is announced of a path now. */
export type Announced = {
  path: string;
  rule: RunRule;
  sha256: string;
  remove: true | undefined;
  again: boolean;
  group: string | undefined;
};

/**
 * The rest of units that failed, once one of their files is another or is asked for again: what needed that file may run with it. Its
 * Notes are gone, so these stand for them; they count as older than all that is queued.
 *
 * @param announced the newest of each path whose rule makes units
 */
export function reviveFailed(
  announced: readonly Announced[],
  failures: ReadonlyMap<string, FailedVersion>,
  ruleOf: (path: string) => RunRule | undefined,
): QueuedNote[] {
  const notes = new Map<string, QueuedNote>();
  for (const [path, { forgiven }] of failures) {
    const unit = unitOf(failures, path);
    const rule = ruleOf(path);
    const now = announced.filter((each) => each.rule === rule);
    const cause = now.find(
      (each) => forgiven || each.again || unit.get(each.path) !== (each.remove ? REMOVED : each.sha256),
    );
    if (unit.size < 2 || cause === undefined || !now.some((each) => unit.has(each.path))) continue;
    for (const [other, digest] of unit) {
      if (now.some((each) => each.path === other) || ruleOf(other) !== rule) continue;
      const note = noteOf(other, digest, failures.get(other), cause.group);
      if (note !== undefined) notes.set(note.id, note);
    }
  }
  return [...notes.values()];
}

/** Undefined if another version has failed there since. */
function noteOf(
  path: string,
  digest: string,
  failed: FailedVersion | undefined,
  group: string | undefined,
): QueuedNote | undefined {
  if (failed?.version === undefined || (failed.removed ? REMOVED : failed.sha256) !== digest)
    return undefined;
  const { version, sha256, removed } = failed;
  return {
    id: `revived:${path}:${sha256}`,
    announcement: { ...version, sha256, again: undefined },
    ...(removed && { remove: true }),
    ...(group !== undefined && { group }),
  };
}
