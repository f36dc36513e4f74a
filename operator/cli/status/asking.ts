import type { Fleets } from "../../cloud/fleets/open-fleets.ts";
import type { DeliveryQuestions } from "../../cloud/open-deliveries.ts";

/** Who is asked. */
export type Asking = {
  deliveries: DeliveryQuestions;
  fleets: Fleets;
  /** UIDs of a fleet's devices, by Notehub. */
  members(fleet: string): Promise<readonly string[]>;
  /** UIDs of a device's fleets, by Notehub. */
  fleetsOf(device: string): Promise<readonly string[]>;
  defaultTarget: string | undefined;
};
