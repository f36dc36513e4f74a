import { pathOrKey } from "../../protocol/target.ts";
import type { KeptManifests, ManifestProgress } from "../state/kept-manifests.ts";
import type { FailedVersion } from "../trial/failed-versions.ts";
import type { AskedFile } from "./decide.ts";
import { restoredLate } from "./late-restoration.ts";
import { progressOf } from "./progress.ts";
import type { FileState } from "./what-to-say.ts";

/** How far the device is with the manifest of each fleet, and what it has found out of versions that cannot be had. */
export type FleetProgress = {
  of(fleet: string): ManifestProgress;
  /** What the disk does not take is found out again by the next run. */
  change(fleet: string, changes: Partial<ManifestProgress>): Promise<void>;
  /** What was found out of this version before. */
  known(file: AskedFile): FileState | undefined;
  /** Forgets what was found out of these. */
  forget(isMeant: (fleet: string, path: string) => boolean): Promise<void>;
  /** Takes note of what was taken back later than it was told. @returns whether there is anything such */
  correct(failures: ReadonlyMap<string, FailedVersion>): Promise<boolean>;
};

export function createFleetProgress(kept: KeptManifests, device: () => string | undefined): FleetProgress {
  const of = (fleet: string): ManifestProgress => {
    const its = kept.all().get(fleet);
    if (its === undefined) throw new TypeError("there is no such manifest");
    return progressOf(its.progress, its.sha256, device() ?? its.progress?.device ?? "");
  };

  async function change(fleet: string, changes: Partial<ManifestProgress>): Promise<void> {
    await kept.write(fleet, { ...of(fleet), ...changes }).catch(() => undefined);
  }

  return {
    of,
    change,
    known({ fleet, path, wanted }) {
      const found = of(fleet).exceptions.find(
        (each) => each.path === path && each.sha256 === wanted.sha256 && each.version === wanted.version,
      );
      if (found === undefined) return undefined;
      const { state, reason, ended } = found;
      return { is: "exception", state, reason, ended };
    },
    async forget(isMeant) {
      for (const fleet of kept.all().keys()) {
        const { exceptions } = of(fleet);
        const left = exceptions.filter(({ path }) => !isMeant(fleet, path));
        if (left.length < exceptions.length) await change(fleet, { exceptions: left });
      }
    },
    async correct(failures) {
      let isAny = false;
      for (const fleet of kept.all().keys()) {
        const exceptions = restoredLate(of(fleet).exceptions, failures.values());
        if (exceptions === undefined) continue;
        isAny = true;
        await change(fleet, { exceptions });
      }
      return isAny;
    },
  };
}

/** The paths of what failed at these places, by which exceptions are known. */
export function pathsOfFailures(
  places: readonly string[],
  failures: ReadonlyMap<string, FailedVersion>,
): Set<string> {
  return new Set(places.map((place) => pathOrKey(failures.get(place)?.version?.name ?? place)));
}
