import { AsyncLocalStorage } from "node:async_hooks";
import type { Random } from "../../../../support/seeded-random.ts";

/**
 * Lets environments work at once, one step at a time, in an order that the seed decides. An environment may wait for several things at a
 * time; one is drawn once all of them wait for something, so that what is computed between two steps is done.
 */
export type Environments = {
  /** Settles with what it gives, or with `died`; an immortal one is never struck. */
  run<T>(work: () => Promise<T>, immortal?: "immortal"): Promise<T | "died">;
  /** A step of the environment that calls it. */
  step(): Promise<void>;
  /** Nothing that a struck one waits for ever comes. False if there is none. */
  strike(): boolean;
  /** How many mortals are. */
  alive(): number;
};

type Environment = {
  waiting: (() => void)[];
  dead: boolean;
  mortal: boolean;
  slow: boolean;
  end: () => void;
};

export function createEnvironments(random: Random): Environments {
  const current = new AsyncLocalStorage<Environment>();
  let all: Environment[] = [];
  let drawing = false;

  function draw(): void {
    if (drawing || all.length === 0 || all.some(({ waiting }) => waiting.length === 0)) return;
    drawing = true;
    setImmediate(() => {
      drawing = false;
      // Somebody may have gone on or come since.
      if (all.some(({ waiting }) => waiting.length === 0)) return draw();
      let drawn = random.pick(all);
      for (let more = 0; more < 4 && drawn?.slow; more += 1) drawn = random.pick(all);
      const at = random.below(drawn?.waiting.length ?? 0);
      drawn?.waiting.splice(at, 1)[0]?.();
      setImmediate(draw);
    });
  }

  return {
    async run(work, immortal) {
      const { promise: died, resolve } = Promise.withResolvers<"died">();
      const environment: Environment = {
        ...{ waiting: [], dead: false, mortal: immortal === undefined },
        slow: immortal === undefined && random.chance(0.3),
        end: () => resolve("died"),
      };
      all.push(environment);
      try {
        return await Promise.race([current.run(environment, work), died]);
      } finally {
        environment.dead = true;
        all = all.filter((each) => each !== environment);
        draw();
      }
    },
    step() {
      const environment = current.getStore();
      if (environment === undefined) return Promise.resolve();
      return new Promise((resolve) => {
        if (environment.dead) return;
        environment.waiting.push(resolve);
        draw();
      });
    },
    strike() {
      const struck = random.pick(all.filter(({ mortal }) => mortal));
      if (struck === undefined) return false;
      struck.dead = true;
      struck.end();
      return true;
    },
    alive: () => all.filter(({ mortal }) => mortal).length,
  };
}
