import { randomUUID } from "node:crypto";
import { environmentVariables } from "./environment-variables.ts";
import type { FunctionOptions } from "./function-options.ts";
import type { InvokeResult } from "./invoke-result.ts";
import { startRuntimeApi } from "./runtime-api.ts";
import { spawnRuntime } from "./runtime-process.ts";

/** Lambda's limit for loading a function, beyond which loading counts towards the first invocation. */
const INIT_LIMIT_MS = 10_000;

/** One process of a function, which runs one invocation at a time. */
export type ExecutionEnvironment = {
  pid: number | undefined;
  isAlive(): boolean;
  /** Settles when the process has ended. */
  ended: Promise<void>;
  /** `event` is JSON. Never rejects; after anything but `ok` or `function-error` the process has ended. */
  run(event: string): Promise<InvokeResult>;
  stop(): Promise<void>;
  /** Ends the process without a warning. */
  kill(): void;
};

/** Starts a process with the function's bundle. If it cannot be loaded, the first `run` says so. */
export async function startEnvironment(options: FunctionOptions): Promise<ExecutionEnvironment> {
  const loaded = Promise.withResolvers<InvokeResult | undefined>();
  let current: { requestId: string; reply?: InvokeResult; settle(result: InvokeResult): void } | undefined;

  const api = await startRuntimeApi({
    // An invocation ends only when the runtime asks for the next: before that it could not take another.
    onNext: () => {
      loaded.resolve(undefined);
      if (current?.reply !== undefined) current.settle(current.reply);
    },
    onInitError: (result) => {
      loaded.resolve(result);
      runtime.kill();
    },
    onReply: (requestId, result) => {
      if (requestId === current?.requestId) current.reply = result;
    },
  });
  const log = (line: string) => options.onLog?.(line);
  const runtime = spawnRuntime({
    codeDir: options.codeDir,
    env: environmentVariables(options, api.address),
    runtimeSecret: api.secret,
    memoryMb: options.memoryMb,
    onLog: log,
  });

  let alive = true;
  const ended = runtime.ended.then((reason) => {
    alive = false;
    api.close();
    const result = crashed(current?.requestId ?? randomUUID(), reason);
    loaded.resolve(result);
    current?.settle(current.reply ?? result);
  });

  /** Kills the process and answers for it, unless `result` comes in time. */
  async function within(ms: number, requestId: string, result: Promise<InvokeResult | undefined>) {
    const timer = setTimeout(() => {
      const errorMessage = timedOut(requestId, options.timeoutSeconds);
      log(errorMessage);
      (current?.settle ?? loaded.resolve)({ kind: "timed-out", errorMessage });
      runtime.kill();
    }, ms);
    const settled = await result;
    clearTimeout(timer);
    if (settled?.kind === "crashed") log(settled.errorMessage);
    if (settled !== undefined && settled.kind !== "ok" && settled.kind !== "function-error") await ended;
    return settled;
  }

  return {
    pid: runtime.pid,
    isAlive: () => alive,
    ended,
    stop: runtime.stop,
    kill: runtime.kill,
    async run(event) {
      const requestId = randomUUID();
      const limit = options.timeoutSeconds * 1000;
      const initFailure = await within(INIT_LIMIT_MS + limit, requestId, loaded.promise);
      if (initFailure !== undefined) {
        await ended;
        return initFailure;
      }
      const { promise, resolve: settle } = Promise.withResolvers<InvokeResult>();
      current = { requestId, settle };
      api.deliver({ requestId, functionArn: options.arn, deadline: Date.now() + limit, event });
      const result = await within(limit, requestId, promise);
      current = undefined;
      return result ?? crashed(requestId, "exit status 1");
    },
  };
}

function crashed(requestId: string, reason: string): InvokeResult {
  return {
    kind: "crashed",
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${reason}`,
  };
}

function timedOut(requestId: string, seconds: number): string {
  return `${new Date().toISOString()} ${requestId} Task timed out after ${seconds.toFixed(2)} seconds`;
}
