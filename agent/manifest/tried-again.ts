import { digestOf, type FailedVersion } from "../trial/failed-versions.ts";
import type { AskedFile } from "./decide.ts";

/** Of what is asked for, that which failed together with others and is to be tried once more. @param asked by id, as is the result */
export async function triedAgain(
  asked: ReadonlyMap<string, AskedFile>,
  failures: ReadonlyMap<string, FailedVersion>,
  realPath: (path: string) => Promise<string>,
): Promise<Map<string, AskedFile>> {
  // Rare, and to look where thousands of files are takes a while.
  if (![...failures.values()].some(({ unit }) => unit !== undefined)) return new Map();
  const places = new Map<string, string>();
  const wanted = new Map<string, string>();
  for (const [id, { path, wanted: version, remove }] of asked) {
    const place = await realPath(path);
    places.set(id, place);
    wanted.set(place, digestOf({ sha256: version.sha256, removed: remove }));
  }
  const found = placesTriedAgain(wanted, failures);
  return new Map([...asked].filter(([id]) => found.has(places.get(id) ?? "")));
}

/**
 * Where a version is that failed together with others, and is to be tried once more: another version of one of those is asked for now, or somebody
 * has asked for it again. [NF-9.12]
 *
 * @param wanted digests of what is asked for, by place
 */
export function placesTriedAgain(
  wanted: ReadonlyMap<string, string>,
  failures: ReadonlyMap<string, FailedVersion>,
): Set<string> {
  const places = new Set<string>();
  for (const [unit, members] of Map.groupBy(failures, ([, failed]) => failed.unit)) {
    if (unit === undefined) continue;
    const isAnother = members.some(
      ([place, failed]) => wanted.has(place) && wanted.get(place) !== digestOf(failed),
    );
    for (const [place, failed] of members)
      if ((isAnother || failed.forgiven) && wanted.get(place) === digestOf(failed)) places.add(place);
  }
  return places;
}
