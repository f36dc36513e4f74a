import { parseTarget } from "../../../protocol/target.ts";
import type { KnownDevice } from "../deliveries.ts";
import { type FileByManifest, fileByManifest } from "./file-by-manifest.ts";
import { toldFleet } from "./fleet-facts.ts";
import type { Fleets } from "./open-fleets.ts";

/**
 * The files of a device that the manifests of its fleets are about, by their paths. Of two fleets the one whose UID comes first has a path, but a
 * thing's own manifest before those of its groups. [NF-11.10] [NF-13.1]
 */
export async function deviceByManifests(
  fleets: Fleets,
  { device: { device }, files, manifests }: KnownDevice,
  uids: readonly string[] = [],
): Promise<Map<string, FileByManifest>> {
  const found = new Map<string, FileByManifest>();
  const known = new Map(files.map((file) => [file.path, file]));
  const own = parseTarget(device)?.kind === "thing" ? [device] : []; // which never has to speak of that
  const all = new Set([...own, ...uids, ...manifests.map(({ fleet }) => fleet)]);
  const isOwn = (fleet: string) => Number(fleet === device);
  for (const fleet of [...all].sort().sort((a, b) => isOwn(b) - isOwn(a))) {
    const told = await toldFleet(fleets, fleet);
    if (told === undefined) continue;
    const facts = await told.factsOf(manifests.find((said) => said.fleet === fleet));
    for (const file of told.current.files) {
      if (found.has(file.path)) continue;
      const each = fileByManifest(device, file, known.get(file.path), facts);
      if (each !== undefined) found.set(file.path, each);
    }
  }
  return found;
}
