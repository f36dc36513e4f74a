import { pathOrKey } from "../../protocol/target.ts";
import type { ManifestProgress } from "../state/kept-manifests.ts";
import type { FailedVersion } from "../trial/failed-versions.ts";

type Exceptions = ManifestProgress["exceptions"];

/** What could not be taken back when that was found out, and was since, with the reason that holds now; undefined where there is none. */
export function restoredLate(
  exceptions: Exceptions,
  failures: Iterable<FailedVersion>,
): Exceptions | undefined {
  const stuck = exceptions.filter(({ reason }) => reason === "run-not-restored");
  if (stuck.length === 0) return undefined;
  const back = new Set<string>();
  for (const { reason, sha256, version } of failures)
    if (reason === "run" && version !== undefined) back.add(`${sha256} ${pathOrKey(version.name)}`);
  const isBack = (each: Exceptions[number]) =>
    stuck.includes(each) && back.has(`${each.sha256} ${each.path}`);
  if (!stuck.some(isBack)) return undefined;
  return exceptions.map((each) => (isBack(each) ? { ...each, reason: "run" } : each));
}
