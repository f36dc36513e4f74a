import type { Fleets } from "../../cloud/fleets/open-fleets.ts";
import type { DeliveryQuestions } from "../../cloud/open-deliveries.ts";

/** Who is asked. */
export type Asking = {
  deliveries: DeliveryQuestions;
  fleets: Fleets;
  /** UIDs of the devices of a fleet or a group of things, by Notehub or AWS IoT. */
  members(fleet: string): Promise<readonly string[]>;
  /** UIDs of whose manifests a device may go by, by Notehub or AWS IoT. */
  fleetsOf(device: string): Promise<readonly string[]>;
  defaultTarget: string | undefined;
};
