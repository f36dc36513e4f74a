import type { FleetFile, FleetState } from "../../../protocol/fleet-state.ts";
import { OperatorError } from "../operator-error.ts";
import { isByManifest } from "./fleet-facts.ts";

/**
 * For what part of its fleet a version is, in percent; undefined if the notifier has not looked at it. [NF-11.8]
 *
 * @throws {OperatorError} for a fleet that is told by Notes.
 */
export function shareOf(
  state: FleetState | undefined,
  { fleet, key, versionId }: { fleet: string; key: string; versionId: string },
): number | undefined {
  if (!isByManifest(state)) {
    const why = "nothing was put there yet, or the deployment has the setting fleetAnnouncements=notes";
    throw new OperatorError(
      "usage",
      `${fleet} was never told of files by a manifest, which alone has shares: ${why}`,
    );
  }
  return percentOf(state, key, versionId);
}

/** The same of what a manifest tells. */
export function percentOf(
  { files }: { files: Readonly<Record<string, FleetFile>> },
  key: string,
  versionId: string,
): number | undefined {
  const file = files[key];
  return file?.version === versionId ? (file.share?.[0] ?? 100) : undefined;
}
