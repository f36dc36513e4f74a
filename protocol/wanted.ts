import { isWithdrawn } from "./announced.ts";
import { type Delivery, type DeliveryState, TROUBLE } from "./delivery-state.ts";

/** Whether somebody should look at it: not where its key holds nothing, so that nothing is wanted of the device any more. */
export function isTrouble(delivery: Delivery, state: DeliveryState): boolean {
  return TROUBLE.has(state) && !isWithdrawn(delivery);
}

/** Whether there is nothing to show: what was wanted was withdrawn before the device was told, and it never said anything. */
export function isForgotten(delivery: Delivery): boolean {
  const { announced, unannounced, reported, placed } = delivery;
  if ((announced ?? reported ?? placed) !== undefined) return false;
  return unannounced === undefined || isWithdrawn(delivery);
}
