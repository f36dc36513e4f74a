import type { DeliveryEvent } from "./delivery-event.ts";

/** Everything that `run` tells. */
export type AgentEvent =
  | DeliveryEvent
  /** The Notecard answers and the queue is watched; told again after each new connection. */
  | { event: "ready"; notecard: string; root: string }
  /** No Notecard: told once, until the next `ready`. */
  | { event: "waiting"; reason: string }
  | AttnEnded;

/** Nothing tells of the ATTN pin any more: the Notecard is asked instead, until the command runs again. */
export type AttnEnded = { event: "attn-ended"; reason: string };
