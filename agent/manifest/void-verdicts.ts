import { pathOrKey } from "../../protocol/target.ts";
import { digestOf, type FailedVersion, REMOVED } from "../trial/failed-versions.ts";
import type { AskedFile } from "./decide.ts";

/**
 * The places of units that failed, of which a manifest asked for a file that it does not ask for any more, while it still asks for others: those
 * are another unit by now. [NF-9.12]
 *
 * @param asked what manifests ask for, where they count
 * @param failures by place
 */
export function voidVerdicts(
  asked: readonly AskedFile[],
  failures: ReadonlyMap<string, FailedVersion>,
): string[] {
  const isAsked = askedAmong(asked);
  return [...Map.groupBy(failures, ([, { unit }]) => unit)].flatMap(([unit, members]) => {
    if (unit === undefined || members.some(([, { forgiven }]) => forgiven)) return [];
    const ofManifests = members.filter(([, { version }]) => version?.fleet !== undefined);
    const left = ofManifests.filter(([, failed]) => !isAsked(failed));
    return left.length === 0 || left.length === members.length ? [] : members.map(([place]) => place);
  });
}

/** Tells whether what failed is still asked for. @param asked what manifests ask for, where they count */
export function askedAmong(asked: readonly AskedFile[]): (failed: FailedVersion) => boolean {
  const digests = new Map(asked.map(({ path, wanted, remove }) => [path, remove ? REMOVED : wanted.sha256]));
  return ({ version, ...failed }) =>
    version !== undefined && digests.get(pathOrKey(version.name)) === digestOf(failed);
}
