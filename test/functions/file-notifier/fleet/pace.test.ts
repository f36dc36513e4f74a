import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bookTurn, type Turn } from "../../../../functions/file-notifier/fleet/pace.ts";

const NOW = 1_700_000_000_000;

/** Asks, and comes back when told to, until it is granted; a minute's calls are counted as they are made. */
function callAll(asked: readonly { by: string; at: number }[], perMinute: number): Map<string, number> {
  const made = new Map<string, number>();
  let turns: Turn[] = [];
  const waiting = asked.map(({ by, at }) => ({ by, at }));
  while (waiting.length > 0) {
    waiting.sort((a, b) => a.at - b.at);
    const [next] = waiting.splice(0, 1);
    if (next === undefined) break;
    const booking = bookTurn(turns, next.by, next.at, perMinute);
    turns = booking.turns;
    if (booking.granted) made.set(next.by, next.at);
    else waiting.push({ by: next.by, at: booking.at });
  }
  return made;
}

describe("calls to Notehub", () => {
  test("are no more in any minute than are allowed, and everybody gets a turn in time", () => {
    const asks = fc.array(fc.nat(200_000), { maxLength: 40 });
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 10 }), (times, perMinute) => {
        const asked = times.map((at, index) => ({ by: `fleet ${index}`, at: NOW + at }));
        const made = callAll(asked, perMinute);
        expect(made.size).toBe(asked.length);
        const calls = [...made.values()].sort((a, b) => a - b);
        for (const [index, call] of calls.entries()) {
          const before = calls[index - perMinute];
          if (before !== undefined) expect(call - before).toBeGreaterThanOrEqual(60_000);
        }
        const last = Math.max(NOW, ...asked.map(({ at }) => at));
        const longest = Math.ceil(asked.length / perMinute) * 60_000;
        expect(Math.max(NOW, ...calls) - last).toBeLessThanOrEqual(longest);
      }),
    );
  });

  test("go in the order in which they were asked for: who waits is not overtaken", () => {
    const asked = Array.from({ length: 30 }, (_, index) => ({ by: `${index}`, at: NOW + index }));
    const made = [...callAll(asked, 7)].sort(([, a], [, b]) => a - b);
    const order = made.map(([by]) => Number(by));
    for (const [at, index] of order.entries()) expect(Math.abs(at - index)).toBeLessThan(7);
  });

  test("asking again before the time books nothing more", () => {
    const full = bookTurn([{ at: NOW - 1 }], "a", NOW, 1);
    expect(full).toMatchObject({ granted: false, at: NOW + 59_999 });
    const again = bookTurn(full.turns, "a", NOW + 10, 1);
    expect(again).toEqual({ ...full, turns: full.turns });
  });

  test("a turn that nobody comes back for lapses, and a clock that ran ahead stops nobody", () => {
    expect(bookTurn([{ at: NOW - 60_001, by: "dead" }], "a", NOW, 1).granted).toBe(true);
    expect(bookTurn([{ at: NOW + 86_400_000 }], "a", NOW, 1).granted).toBe(true);
  });
});
