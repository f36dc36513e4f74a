import { environmentVariables } from "./environment-variables.ts";
import { type ExecutionEnvironment, startEnvironment } from "./execution-environment.ts";
import type { FunctionOptions } from "./function-options.ts";
import type { InvokeResult } from "./invoke-result.ts";
import { createSemaphore } from "./semaphore.ts";

const DEFAULT_CONCURRENCY = 10;

/** The function was stopped before, or while, the invocation waited for an environment. */
export class FunctionStopped extends Error {
  override name = "FunctionStopped" as const;
}

export type LocalFunction = {
  name: string;
  arn: string;
  /**
   * Runs the function once. `signal` gives up the wait for an environment, never an invocation that runs.
   *
   * @throws the signal's reason, or {FunctionStopped}; how the function itself ends is in the result.
   */
  invoke(event: unknown, signal?: AbortSignal): Promise<InvokeResult>;
  /** Ends every environment; invocations that still run are `crashed`. */
  stop(): Promise<void>;
  /**
   * Kills the processes that run now, as a crash would: what they were doing is `crashed`, and the next invocation
   * starts another.
   *
   * @returns how many.
   */
  kill(): number;
  environments(): { pid: number }[];
};

/**
 * A function in processes of its own, started on demand and used again when idle, as Lambda does.
 *
 * INVARIANTS: an environment is either in `idle` or runs one invocation; it leaves `all` only when its process has
 * ended; there are never more than `maxConcurrency`.
 *
 * @throws {ReservedVariable}
 */
export function startFunction(options: FunctionOptions): LocalFunction {
  const concurrency = createSemaphore(options.maxConcurrency ?? DEFAULT_CONCURRENCY);
  const all = new Set<ExecutionEnvironment>();
  const idle: ExecutionEnvironment[] = [];
  const starting = new Set<Promise<unknown>>();
  const stopped = new AbortController();

  environmentVariables(options, ""); // a variable that deployment would refuse is refused now, not at the first event

  async function start(): Promise<ExecutionEnvironment> {
    stopped.signal.throwIfAborted();
    const environment = await startEnvironment(options);
    all.add(environment);
    void environment.ended.then(() => {
      all.delete(environment);
      const at = idle.indexOf(environment);
      if (at >= 0) idle.splice(at, 1);
    });
    return environment;
  }

  function startTracked(): Promise<ExecutionEnvironment> {
    const started = start();
    starting.add(started);
    void started.catch(() => {}).then(() => starting.delete(started));
    return started;
  }

  return {
    name: options.name,
    arn: options.arn,
    async invoke(event, signal) {
      const payload = JSON.stringify(event) ?? "null";
      const signals = signal === undefined ? [stopped.signal] : [stopped.signal, signal];
      const release = await concurrency.acquire(AbortSignal.any(signals));
      try {
        // The most recently used one first, so that the others stay idle.
        const environment = idle.pop() ?? (await startTracked());
        const result = await environment.run(payload);
        if (environment.isAlive()) idle.push(environment);
        return result;
      } finally {
        release();
      }
    },
    async stop() {
      stopped.abort(new FunctionStopped(`${options.name} was stopped`));
      await Promise.allSettled(starting);
      await Promise.all([...all].map((environment) => environment.stop()));
    },
    kill() {
      for (const environment of all) environment.kill();
      return all.size;
    },
    environments: () => [...all].flatMap(({ pid }) => (pid === undefined ? [] : [{ pid }])),
  };
}
