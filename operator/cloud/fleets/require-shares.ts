import { parseTarget } from "../../../protocol/target.ts";
import { type Deployment, outputOf } from "../deployment.ts";
import { OperatorError } from "../operator-error.ts";
import { fleetOf } from "./key-by-manifest.ts";

/**
 * The fleet that a key goes to, a part of which may get it. [NF-11.8]
 *
 * @throws {OperatorError} where it would go to all of them whatever is said.
 */
export function requireShares(deployment: Deployment, key: string): string {
  const fleet = fleetOf(key, deployment.outputs.DefaultTarget);
  if (fleet === undefined)
    throw new OperatorError(
      "usage",
      `${key} goes to no fleet or group of things, and only of those a part may get a file`,
    );
  outputOf(deployment, "AnnouncementsBucketName"); // an older one knows no shares
  const isFleet = parseTarget(fleet)?.kind === "fleet";
  if (isFleet && deployment.outputs.FleetAnnouncements === "notes") {
    const why = "the deployment has the setting fleetAnnouncements=notes";
    throw new OperatorError("usage", `${fleet} hears of files by Notes, which have no shares: ${why}`);
  }
  return fleet;
}
