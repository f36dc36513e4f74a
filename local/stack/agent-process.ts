import { spawn } from "node:child_process";
import { getCompileCacheDir } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { REPOSITORY_ROOT } from "../template/synthesise.ts";

/** Milliseconds before an agent that ended is started again, as a service manager would. */
const RESTART_PAUSE_MS = 1_000;

/** Milliseconds that the agent gets to stop by itself. */
const STOP_GRACE_MS = 3_000;

/** Milliseconds after which nobody waits any longer for an agent to be up. */
const UP_MS = 10_000;

export type AgentProcess = {
  pid(): number | undefined;
  /** Resolves once the agent's link was there; or it has ended, or taken too long. */
  up: Promise<void>;
  /** Kills it as a power cut would; it is started again. */
  kill(): void;
  stop(): Promise<void>;
};

/** Runs the device's agent as a process of its own and keeps it running until `stop`. */
export function startAgent(options: {
  /** The flags that say how it is connected. */
  link: readonly string[];
  root: string;
  stateDir: string;
  /** Its config file, for rules of what to run. */
  configFile?: string | undefined;
  onLine: (line: string) => void;
}): AgentProcess {
  let child: ReturnType<typeof spawn> | undefined;
  const stopping = new AbortController();
  const { promise: up, resolve: isUp } = Promise.withResolvers<void>();
  const tooLong = setTimeout(isUp, UP_MS).unref();
  const onLine = (line: string) => {
    if (line.startsWith('{"event":"ready"')) isUp();
    options.onLine(line);
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      child = spawnAgent({ ...options, onLine });
      await ended(child);
      isUp();
      if (!stopping.signal.aborted) options.onLine(JSON.stringify({ event: "ended", pid: child.pid }));
      await sleep(RESTART_PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    pid: () => child?.pid,
    up: up.finally(() => clearTimeout(tooLong)),
    kill: () => void child?.kill("SIGKILL"),
    async stop() {
      stopping.abort();
      child?.kill("SIGTERM");
      const kill = setTimeout(() => child?.kill("SIGKILL"), STOP_GRACE_MS);
      await running;
      clearTimeout(kill);
    },
  };
}

function spawnAgent(options: Parameters<typeof startAgent>[0]) {
  const child = spawn(
    process.execPath,
    [
      ...["--import", pathToFileURL(path.join(import.meta.dirname, "end-with-stack.ts")).href],
      path.join(REPOSITORY_ROOT, "agent/main.ts"),
      "run",
      "--json",
      ...options.link,
      ...["--root", options.root],
      ...["--state", options.stateDir],
      ...(options.configFile === undefined ? [] : ["--config", options.configFile]),
    ],
    // Nothing is ever written to the fourth: it closes when the stack ends, which tells the agent.
    { stdio: ["ignore", "pipe", "pipe", "pipe"], env: lean() },
  );
  for (const input of [child.stdout, child.stderr]) {
    if (input !== null) createInterface({ input }).on("line", options.onLine);
  }
  return child;
}

/**
 * A compile cache saves an agent two thirds of its start and half of its memory: ours, or the one that `npm run s3` has.
 * Node names the folder of its version below the one it was given. Arenas of glibc for each thread would be 2 MB more.
 */
function lean(): Record<string, string> {
  const ours = getCompileCacheDir();
  const folder =
    ours === undefined ? path.join(REPOSITORY_ROOT, "node_modules/.cache/compile") : path.dirname(ours);
  return { NODE_COMPILE_CACHE: folder, MALLOC_ARENA_MAX: "2" };
}

function ended(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
}
