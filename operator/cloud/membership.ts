import { parseTarget } from "../../protocol/target.ts";
import { clientConfig } from "./client-config.ts";
import type { Deployment } from "./deployment.ts";
import { fleetDevices, fleetsOf } from "./notehub/fleet-devices.ts";
import type { NotehubApi } from "./notehub/notehub-api.ts";

/** Who belongs to whom, by whoever keeps that: Notehub for fleets, AWS IoT for groups of things. */
export type Membership = {
  /** UIDs of the devices of a fleet or a group, or the thing itself. */
  devicesOf(owner: string): Promise<readonly string[]>;
  /** UIDs of whose manifests a device may go by: its fleets; or the thing itself and its groups. */
  ownersOf(device: string): Promise<readonly string[]>;
};

/** @param project Notehub's, which is asked for where it is needed */
export function createMembership(
  deployment: Deployment,
  project: () => Promise<NotehubApi>,
  signal: AbortSignal,
): Membership {
  /** Loaded where there are things alone: most commands do without. */
  const iot = async () => await import("./iot/thing-groups.ts");
  const config = clientConfig(deployment.aws);
  return {
    async devicesOf(owner) {
      const kind = parseTarget(owner)?.kind;
      if (kind === "thing") return [owner];
      if (kind === "thing-group") return await (await iot()).thingsOf(owner, config, signal);
      return await fleetDevices(await project(), owner);
    },
    async ownersOf(device) {
      if (parseTarget(device)?.kind !== "thing") return await fleetsOf(await project(), device);
      return [device, ...(await (await iot()).groupsOf(device, config, signal))];
    },
  };
}
