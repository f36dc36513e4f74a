import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import type { Readable } from "node:stream";
import { logLines } from "./log-lines.ts";

const RUNTIME = createRequire(import.meta.url).resolve("aws-lambda-ric");
const PRELOAD = new URL("./runtime/preload.ts", import.meta.url).href;

/** How long a process has to end by itself before it is killed. */
const TERMINATE_MS = 2000;

export type RuntimeProcess = {
  /** undefined if it could not be started. */
  pid: number | undefined;
  /** Settles when it has ended and its output was read, with the reason in Lambda's words. */
  ended: Promise<string>;
  kill(): void;
  /** SIGTERM, then SIGKILL. */
  stop(): Promise<void>;
};

/** Starts AWS's runtime client with nothing of our own environment. */
export function spawnRuntime(options: {
  codeDir: string;
  env: Record<string, string>;
  /** What opens the runtime API to it; gone from its environment before the function is loaded. */
  runtimeSecret: string;
  memoryMb: number;
  onLog: (line: string) => void;
}): RuntimeProcess {
  const env = { ...options.env, NOTEFERRY_RUNTIME_SECRET: options.runtimeSecret };
  const child = spawn(
    process.execPath,
    // Lambda leaves a tenth of the memory to what is not JavaScript's heap.
    [`--max-old-space-size=${Math.floor(options.memoryMb * 0.9)}`, "--import", PRELOAD, RUNTIME],
    // The last pipe carries nothing: it breaks when we end, and the environment ends with it.
    { cwd: options.codeDir, env, stdio: ["ignore", "pipe", "pipe", "pipe"] },
  );
  const logged = [child.stdout, child.stderr].map((stream) => forwardLines(stream, options.onLog));
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => {
      const reason = signal === null ? `exit status ${code}` : `signal: ${signal}`;
      void Promise.all(logged).then(() => resolve(reason));
    });
  });
  return {
    pid: child.pid,
    ended,
    kill: () => void child.kill("SIGKILL"),
    async stop() {
      const timer = setTimeout(() => child.kill("SIGKILL"), TERMINATE_MS);
      child.kill("SIGTERM");
      await ended;
      clearTimeout(timer);
    },
  };
}

async function forwardLines(stream: Readable | null, onLog: (line: string) => void): Promise<void> {
  if (stream === null) return;
  const lines = logLines(onLog);
  stream.on("data", (chunk: Buffer) => lines.write(chunk));
  await new Promise<void>((resolve) => {
    stream.once("close", () => {
      lines.end();
      resolve();
    });
  });
}
