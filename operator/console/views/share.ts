import type { Deployment } from "../../cloud/deployment.ts";
import type { Numbered } from "../../cloud/files/number-versions.ts";
import { isByManifest } from "../../cloud/fleets/fleet-facts.ts";
import { fleetOf } from "../../cloud/fleets/key-by-manifest.ts";
import type { Fleets } from "../../cloud/fleets/open-fleets.ts";
import { percentOf } from "../../cloud/fleets/shares.ts";
import type { FileView } from "../api.ts";

/** For what part of its fleet the newest version of a file is; undefined where there are no parts. [NF-11.8] */
export async function shareView(
  { outputs }: Deployment,
  fleets: Fleets,
  key: string,
  versions: readonly Numbered[],
): Promise<FileView["share"]> {
  const current = versions.find(({ current }) => current);
  const fleet = fleets.areTold ? fleetOf(key, outputs.DefaultTarget) : undefined;
  if (fleet === undefined || current === undefined || current.deleted) return undefined;
  const state = await fleets.state(fleet);
  if (!isByManifest(state) || outputs.FleetAnnouncements === "notes") return undefined;
  const { versionId } = current;
  return { fleet, versionId, percent: percentOf(state, key, versionId) };
}
