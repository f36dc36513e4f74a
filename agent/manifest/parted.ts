import type { FailedVersion, FailedVersions } from "../trial/failed-versions.ts";
import type { AskedFile } from "./decide.ts";

/** Places of files that failed together: `left` are those that a manifest had asked for and asks for no more, `rest` what failed with one of them. */
export type PartedUnits = { left: string[]; rest: string[] };

/**
 * What failed together with a file that has left its manifest was never tried without that: it is another unit now. [NF-9.12]
 *
 * @param failures by place
 * @param isKept whether a manifest of that fleet is known: else nobody can tell what has left it
 */
export function partedUnits(
  failures: ReadonlyMap<string, FailedVersion>,
  asked: readonly Pick<AskedFile, "fleet" | "key">[],
  isKept: (fleet: string) => boolean,
): PartedUnits {
  const keys = new Set(asked.map(({ fleet, key }) => `${fleet} ${key}`));
  const hasLeft = ({ version }: FailedVersion): boolean => {
    const { fleet, name } = version ?? {};
    return fleet !== undefined && isKept(fleet) && !keys.has(`${fleet} ${name}`);
  };
  const parted: PartedUnits = { left: [], rest: [] };
  for (const [unit, together] of Map.groupBy(failures, ([, version]) => version.unit)) {
    if (unit === undefined || !together.some(([, version]) => hasLeft(version))) continue;
    for (const [place, version] of together) parted[hasLeft(version) ? "left" : "rest"].push(place);
  }
  return parted;
}

/**
 * Has the rest of such units tried anew; what has left stays condemned as it is, by itself.
 *
 * @returns what of the asked failed with what has left
 */
export async function partUnits(
  failed: Pick<FailedVersions, "all" | "setAll" | "delete">,
  asked: readonly AskedFile[],
  isKept: (fleet: string) => boolean,
): Promise<AskedFile[]> {
  const { left, rest } = partedUnits(failed.all(), asked, isKept);
  if (left.length === 0) return [];
  const names = new Set(rest.map((place) => failed.all().get(place)?.version?.name));
  const alone = left.flatMap((place): [string, FailedVersion][] => {
    const version = failed.all().get(place);
    return version === undefined ? [] : [[place, { ...version, unit: undefined }]];
  });
  // In this order: the rest is found by what has left. What the disk does not take, the next run does again.
  await failed.delete(...rest).catch(() => undefined);
  await failed.setAll(new Map(alone)).catch(() => undefined);
  return asked.filter(({ key }) => names.has(key));
}
