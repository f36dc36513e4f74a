import { digestOf, type FailedVersion } from "../trial/failed-versions.ts";
import type { RunRule } from "../trial/run-rule.ts";
import type { AskingNote } from "./plan.ts";

const ID = "revived:";

/** Whether a Note stands for one that is gone, of a version that failed. */
export const isRevived = (noteId: string) => noteId.startsWith(ID);

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
 * The rest of units that failed, once one of their files is another, is asked for again, or is not asked for any more: what needed that file may
 * run with it, or without. Its Notes are gone, so these stand for them; they count as older than all that is queued. [NF-9.12]
 *
 * @param announced the newest of each path whose rule makes units
 * @param asksFor whether a manifest still asks for what one had asked for: else others have to do without it
 */
export function reviveFailed(
  announced: readonly Announced[],
  failures: ReadonlyMap<string, FailedVersion>,
  ruleOf: (path: string) => RunRule | undefined,
  asksFor: (failed: FailedVersion) => boolean,
): AskingNote[] {
  return [...Map.groupBy(failures, ([, { unit }]) => unit)].flatMap(([unit, failed]) => {
    if (unit === undefined) return [];
    const rule = ruleOf(failed[0]?.[0] ?? "");
    const now = new Map(announced.filter((each) => each.rule === rule).map((each) => [each.path, each]));
    const isAsked = failed.some(([path]) => now.has(path));
    const cause = [...(isAsked ? now.values() : [])].find(
      (each) => each.again || isAnother(each, failures.get(each.path), unit),
    );
    const forgiven = failed.some(([, version]) => version.forgiven);
    if (cause === undefined && !forgiven) return [];
    return failed
      .filter(([path]) => !now.has(path) && ruleOf(path) === rule)
      .filter(([, version]) => version.version?.fleet === undefined || asksFor(version))
      .flatMap(([path, version]) => noteOf(path, version, cause?.group));
  });
}

function isAnother({ sha256, remove }: Announced, failed: FailedVersion | undefined, unit: string): boolean {
  return failed?.unit !== unit || digestOf({ sha256, removed: remove }) !== digestOf(failed);
}

function noteOf(path: string, failed: FailedVersion, group: string | undefined): AskingNote[] {
  const { version, sha256, removed } = failed;
  if (version === undefined) return [];
  return [
    {
      id: `${ID}${path}:${sha256}`,
      announcement: { ...version, sha256, again: undefined },
      ...(removed && { remove: true }),
      ...(group !== undefined && { group }),
    },
  ];
}
