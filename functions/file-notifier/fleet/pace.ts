/** A call to Notehub, at a time in milliseconds: made, or booked by whoever comes back for it. */
export type Turn = { at: number; by?: string | undefined };

const WINDOW_MS = 60_000;

/** Leave to make a call now, or the time from which to ask again. `turns` is what is to be put on record for it. */
export type Booking = { granted: true; turns: Turn[] } | { granted: false; at: number; turns: Turn[] };

/**
 * Who may call Notehub when, first come first served: no 60 seconds see more than `perMinute` calls. Who must wait books a turn, so that
 * nobody is overtaken for ever. A turn that nobody comes back for lapses after a minute.
 *
 * @param by tells the turns of one purpose from all others
 * @param now milliseconds since the epoch
 */
export function bookTurn(known: readonly Turn[], by: string, now: number, perMinute: number): Booking {
  // A clock that runs ahead must not stop everybody: nothing is booked further ahead than the queue is long.
  const ahead = now + (known.length / perMinute + 2) * WINDOW_MS;
  const turns = known.filter(({ at }) => at > now - WINDOW_MS && at <= ahead).sort((a, b) => a.at - b.at);
  const mine = turns.find((turn) => turn.by === by);
  const others = turns.filter((turn) => turn !== mine);
  const made = others.filter((turn) => turn.by === undefined).length;
  const isMyTurn = mine === undefined ? freeAt(turns, now, perMinute) <= now : mine.at <= now;
  if (isMyTurn && made < perMinute) return { granted: true, turns: [...others, { at: now }] };
  if (mine !== undefined && mine.at > now) return { granted: false, at: mine.at, turns };
  const at = freeAt(others, now + 1, perMinute);
  return { granted: false, at, turns: [...others, { at, by }] };
}

/** When the next turn is, after all that are booked. */
function freeAt(turns: readonly Turn[], now: number, perMinute: number): number {
  const full = turns.at(-perMinute);
  return Math.max(now, turns.at(-1)?.at ?? 0, full === undefined ? 0 : full.at + WINDOW_MS);
}
