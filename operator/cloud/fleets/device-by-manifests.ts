import { exceptionsIn } from "../../../protocol/manifest-exceptions.ts";
import { parseTarget } from "../../../protocol/target.ts";
import type { KnownDevice } from "../deliveries.ts";
import { type FileByManifest, fileByManifest } from "./file-by-manifest.ts";
import { toldFleet } from "./fleet-facts.ts";
import { leftFleets } from "./left-fleet.ts";
import type { Fleets } from "./open-fleets.ts";

/**
 * The files of a device that the manifests of its fleets are about, by their paths. Of two fleets the one whose UID comes first has a path, but a
 * thing's own manifest before those of its groups; one that it has left comes last. [NF-11.10] [NF-13.1]
 *
 * @param owners UIDs of whose manifests it may go by, where they are known: of what else it spoke of, it has left
 */
export async function deviceByManifests(
  fleets: Fleets,
  { device: { device }, files, manifests }: KnownDevice,
  owners?: readonly string[],
): Promise<Map<string, FileByManifest>> {
  const found = new Map<string, FileByManifest>();
  const known = new Map(files.map((file) => [file.path, file]));
  const own = parseTarget(device)?.kind === "thing" ? [device] : []; // which never has to speak of that
  const all = new Set([...own, ...(owners ?? []), ...manifests.map(({ fleet }) => fleet)]);
  const left = leftFleets(manifests, owners);
  const turnOf = (fleet: string) => (fleet === device ? 0 : left.has(fleet) ? 2 : 1);
  for (const fleet of [...all].sort().sort((a, b) => turnOf(a) - turnOf(b))) {
    const told = await toldFleet(fleets, fleet);
    if (told === undefined) continue;
    const said = manifests.find((each) => each.fleet === fleet);
    const facts = await told.factsOf(said);
    // What a fleet was told of since, nobody has asked of a device that has left it.
    const before = new Set([
      ...[...(facts.theirs?.files ?? []), ...(said === undefined ? [] : exceptionsIn(said))].map(
        (its) => its.path,
      ),
      ...known.keys(),
    ]);
    for (const file of told.current.files) {
      if (found.has(file.path) || (left.has(fleet) && !before.has(file.path))) continue;
      const each = fileByManifest(device, file, known.get(file.path), facts);
      if (each !== undefined) found.set(file.path, left.has(fleet) ? { ...each, left: fleet } : each);
    }
  }
  return found;
}
