import { DELIVERY_STATES, type DeliveryState } from "../../protocol/delivery-state.ts";

/** How many devices have a file in each state; and of those that were told and have not answered, how many were told before some time. */
export type FileCount = {
  states: Map<DeliveryState, number>;
  silent: {
    devices: number /** When the first of them was told, in milliseconds since the epoch. */;
    since: number;
  };
};

/**
 * Counts the entries of a file.
 *
 * @param silentBefore milliseconds since the epoch
 */
export function createFileTally(silentBefore: number) {
  const counts = new Map<string, number>();
  const silent = { devices: 0, since: Number.POSITIVE_INFINITY };
  return {
    /** @param at when it came to that state */
    add(state: string, at: number): void {
      counts.set(state, (counts.get(state) ?? 0) + 1);
      if (state !== "announced" || at >= silentBefore) return;
      silent.devices += 1;
      silent.since = Math.min(silent.since, at);
    },
    total(): FileCount {
      const states = DELIVERY_STATES.map((state) => [state, counts.get(state) ?? 0] as const);
      return { states: new Map(states.filter(([, n]) => n > 0)), silent };
    },
  };
}
