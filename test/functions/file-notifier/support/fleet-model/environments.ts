import { AsyncLocalStorage } from "node:async_hooks";
import { PowerCut } from "../../../../flow/support/model/turns.ts";
import type { Random } from "../../../../support/seeded-random.ts";

/**
 * Lets environments work at once, one step at a time, in an order that the seed decides. An environment may wait for several things at a
 * time; one is drawn once all of them wait for something, so that what is computed between two steps is done.
 */
export type Environments = {
  /** Settles with what it gives, or with `died`; an immortal one is never struck. */
  run<T>(work: () => Promise<T>, immortal?: "immortal"): Promise<T | "died">;
  /** Something that has a power switch: what it waits for when that is cut, and all its later steps, reject with {PowerCut}. */
  plugIn<T>(work: () => Promise<T>): { ended: Promise<T>; cut(): void };
  /** Others wait while this computes, but for its steps: what is computed in threads would else end in any order. */
  compute<T>(work: () => Promise<T>): Promise<T>;
  /** A step of the environment that calls it. */
  step(): Promise<void>;
  /** Sleeps: steps for as long as that holds, which is asked after each. What a run costs is what its steps wake. */
  stepWhile(holds: () => boolean): Promise<void>;
  /** Nobody but slow ones does anything but sleep. */
  isQuiet(): boolean;
  /** Nothing that a struck one waits for ever comes. False if there is none. */
  strike(): boolean;
  /** How many mortals are. */
  alive(): number;
};

type Waiting = { sleepsOn: (() => boolean) | undefined; goOn: () => void; fail: (cause: PowerCut) => void };
type Environment = {
  waiting: Waiting[];
  computing: number;
  dead: boolean;
  kind: Kind;
  slow: boolean;
  end: () => void;
};
type Place = { environment: Environment; computes: boolean };
type Kind = "mortal" | "immortal" | "plugged in";

/** How often a slow one that is drawn goes on, as long as others have something to do. */
const SLOW_GO_ON = 0.05;

export function createEnvironments(random: Random): Environments {
  const current = new AsyncLocalStorage<Place>();
  let all: Environment[] = [];
  let drawing = false;

  function draw(): void {
    if (drawing || all.length === 0 || all.some(isAtWork)) return;
    drawing = true;
    setImmediate(() => {
      drawing = false;
      // Somebody may have gone on or come since.
      if (all.some(isAtWork)) return draw();
      while (!drawOne());
      setImmediate(draw);
    });
  }

  /** @returns whether somebody has something to do now. */
  function drawOne(): boolean {
    const drawn = random.pick(all);
    if (drawn?.slow && !random.chance(SLOW_GO_ON) && !isQuiet()) return false;
    const at = random.below(drawn?.waiting.length ?? 0);
    if (drawn?.waiting[at]?.sleepsOn?.()) return false;
    drawn?.waiting.splice(at, 1)[0]?.goOn();
    return true;
  }

  function isQuiet(): boolean {
    return all.every(({ slow, waiting }) => slow || waiting.every(({ sleepsOn }) => sleepsOn !== undefined));
  }

  function wait(sleepsOn?: () => boolean): Promise<void> {
    const { environment, computes } = current.getStore() ?? {};
    if (environment === undefined) return Promise.resolve();
    return new Promise((resolve, fail) => {
      if (environment.dead && environment.kind === "plugged in") fail(new PowerCut("the power is gone"));
      if (environment.dead) return;
      const goOn = () => {
        if (computes) environment.computing += 1;
        resolve();
      };
      if (computes) environment.computing -= 1;
      environment.waiting.push({ sleepsOn, goOn, fail });
      draw();
    });
  }

  return {
    async run(work, immortal) {
      const { promise: died, resolve } = Promise.withResolvers<"died">();
      const environment: Environment = {
        ...{ waiting: [], computing: 0, dead: false, kind: immortal ?? "mortal" },
        slow: immortal === undefined && random.chance(0.3),
        end: () => resolve("died"),
      };
      all.push(environment);
      try {
        return await Promise.race([current.run({ environment, computes: false }, work), died]);
      } finally {
        environment.dead = true;
        all = all.filter((each) => each !== environment);
        draw();
      }
    },
    plugIn(work) {
      const environment: Environment = {
        ...{ waiting: [], computing: 0, dead: false, kind: "plugged in" as const },
        slow: false,
        end: () => undefined,
      };
      all.push(environment);
      const ended = current.run({ environment, computes: false }, work).finally(() => {
        environment.dead = true;
        all = all.filter((each) => each !== environment);
        draw();
      });
      return {
        ended,
        cut() {
          environment.dead = true;
          for (const { fail } of environment.waiting.splice(0)) fail(new PowerCut("the power is gone"));
        },
      };
    },
    async compute(work) {
      const environment = current.getStore()?.environment;
      if (environment === undefined) return work();
      environment.computing += 1;
      try {
        return await current.run({ environment, computes: true }, work);
      } finally {
        environment.computing -= 1;
        draw();
      }
    },
    step: () => wait(),
    stepWhile: wait,
    isQuiet,
    strike() {
      const struck = random.pick(all.filter(({ kind }) => kind === "mortal"));
      if (struck === undefined) return false;
      struck.dead = true;
      struck.end();
      return true;
    },
    alive: () => all.filter(({ kind }) => kind === "mortal").length,
  };
}

function isAtWork({ waiting, computing }: Environment): boolean {
  return waiting.length === 0 || computing > 0;
}
