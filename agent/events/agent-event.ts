import type { AttnEnded } from "../link/notecard/attn-pin.ts";
import type { DeliveryEvent } from "./delivery-event.ts";

/** Everything that `run` tells. */
export type AgentEvent =
  | DeliveryEvent
  /** The Notecard answers and the queue is watched; told again after each new connection. */
  | { event: "ready"; notecard: string; root: string }
  /** No Notecard: told once, until the next `ready`. */
  | { event: "waiting"; reason: string }
  /** No more word of the ATTN pin: the Notecard is asked instead, until the command runs again. */
  | AttnEnded;
