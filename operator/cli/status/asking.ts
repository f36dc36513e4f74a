import type { Fleets } from "../../cloud/fleets/open-fleets.ts";
import type { DeliveryQuestions } from "../../cloud/open-deliveries.ts";
import { explainFailure } from "../explain-failure.ts";

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

/** What could be found out; or why it could not, which is no reason to show nothing. */
export type Tried<T> = { found: T; why?: undefined } | { found?: undefined; why: string };

/** @param isPassing whether that which may pass keeps the others too, as where it is asked again @throws what is no failure of theirs */
export async function tried<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  { isPassing = true }: { isPassing?: boolean } = {},
): Promise<Tried<T>> {
  try {
    return { found: await ask() };
  } catch (error) {
    signal.throwIfAborted();
    const known = explainFailure(error);
    if (known === undefined || (known.mayPass && !isPassing)) throw error;
    return { why: known.message };
  }
}
