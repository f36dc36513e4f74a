import type { Random } from "../../../support/seeded-random.ts";

/** The one it strikes is dead: nothing that it would do after this is done. */
export class PowerCut extends Error {
  override name = "PowerCut" as const;
}

/**
 * Lets things happen at once, one step at a time, in an order that the seed decides: whoever takes part stops at each `turn`, and
 * goes on when it is drawn.
 */
export type Turns = {
  /** Takes part until its promise settles. */
  join(task: () => Promise<void>): void;
  turn(who: string): Promise<void>;
  /**
   * Those named so end where they stand: with {PowerCut} or, `silently`, without ever knowing.
   *
   * @returns how many.
   */
  strike(who: string, silently: boolean): number;
  waitsFor(who: string): boolean;
  /** So many were drawn. */
  taken(): number;
  /** Once everybody has ended. @throws what ended somebody first. */
  over(): Promise<void>;
};

type Waiting = { who: string; goOn: () => void; end: (error: Error) => void };

export function createTurns(random: Random): Turns {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let alive = 0;
  let drawing = false;
  let taken = 0;
  let waiting: Waiting[] = [];

  /** Draws once everybody waits: what is done between two turns, on the disk say, is done. */
  function draw(): void {
    if (alive === 0) resolve();
    if (alive === 0 || drawing || waiting.length < alive) return;
    drawing = true;
    setImmediate(() => {
      drawing = false;
      taken += 1;
      const drawn = random.pick(waiting);
      waiting = waiting.filter((each) => each !== drawn);
      drawn?.goOn();
    });
  }

  return {
    join(task) {
      alive += 1;
      task()
        .catch((error: unknown) => {
          if (!(error instanceof PowerCut)) reject(error);
        })
        .finally(() => {
          alive -= 1;
          draw();
        });
    },
    turn: (who) =>
      new Promise((goOn, end) => {
        waiting.push({ who, goOn, end });
        draw();
      }),
    strike(who, silently) {
      const struck = waiting.filter((each) => each.who === who);
      waiting = waiting.filter((each) => each.who !== who);
      if (silently) alive -= struck.length;
      else for (const { end } of struck) end(new PowerCut("the power is gone"));
      return struck.length;
    },
    waitsFor: (who) => waiting.some((each) => each.who === who),
    taken: () => taken,
    over: () => promise,
  };
}
