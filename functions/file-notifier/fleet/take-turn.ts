import { RetryLater } from "../outcome/retry-later.ts";
import { bookTurn } from "./pace.ts";
import type { PaceStore } from "./ports.ts";

/**
 * Returns once a call to Notehub may be made.
 *
 * @param by what it is for
 * @throws {RetryLater} when that is not now.
 */
export type TakeTurn = (by: string, signal: AbortSignal) => Promise<void>;

const MAX_CONFLICTS = 20;

/** Keeps all environments together to so many calls to Notehub in a minute, which its plans count. */
export function createTakeTurn({
  pace,
  perMinute,
  now,
}: {
  pace: PaceStore;
  perMinute: number;
  now: () => number;
}): TakeTurn {
  return async (by, signal) => {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const { turns, tag } = await pace.read(signal);
      const time = now();
      const booking = bookTurn(turns, by, time, perMinute);
      if (!(await pace.write(booking.turns, tag, signal))) continue;
      if (booking.granted) return;
      const seconds = Math.max(1, Math.ceil((booking.at - time) / 1000));
      throw new RetryLater("paced", "Notehub's calls of this minute are used up", {
        fate: "unsent",
        seconds,
      });
    }
    throw new RetryLater("contended", "others kept taking their turn", { fate: "unsent" });
  };
}
