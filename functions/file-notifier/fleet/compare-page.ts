import type { FleetState } from "../../../protocol/fleet-state.ts";
import { folderOf, parseTarget, type Target } from "../../../protocol/target.ts";
import type { ListedPage } from "./ports.ts";
import { ownerOf } from "./reach.ts";

/** The keys of a page: after `after`, to `last` inclusive where there is one. In the order of their UTF-8 bytes, as S3 lists. */
export type Extent = { prefix: string; after: string | undefined; last: string | undefined };

/** Whether a fleet may have keys in an extent: its own folder reaches into it, or it has keys anywhere. */
export function reachesInto(fleet: string, defaultTarget: Target | undefined, extent: Extent): boolean {
  if (defaultTarget?.kind === "fleet" && defaultTarget.fleetUid === fleet) return true;
  const target = parseTarget(fleet);
  const folder = target === undefined ? "" : folderOf(target);
  const { prefix, after, last } = extent;
  if (!folder.startsWith(prefix) && !prefix.startsWith(folder)) return false;
  const isBefore = after !== undefined && isAfter(after, folder) && !after.startsWith(folder);
  return !isBefore && (last === undefined || isAfter(last, folder));
}

/** Keys of a page that are not as the states of their fleets say: each is to be looked at. */
export function differingKeys(
  { current }: Pick<ListedPage, "current">,
  states: ReadonlyMap<string, FleetState>,
  defaultTarget: Target | undefined,
  extent: Extent,
): string[] {
  const keys = new Set<string>();
  for (const [key, version] of current) {
    const fleet = ownerOf(key, defaultTarget);
    if (fleet !== undefined && states.get(fleet)?.files[key]?.version !== version) keys.add(key);
  }
  for (const { files } of states.values())
    for (const key of Object.keys(files)) if (isIn(key, extent) && !current.has(key)) keys.add(key);
  return [...keys];
}

function isIn(key: string, { prefix, after, last }: Extent): boolean {
  if (!key.startsWith(prefix) || (after !== undefined && !isAfter(key, after))) return false;
  return last === undefined || !isAfter(key, last);
}

function isAfter(key: string, other: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0;
}
