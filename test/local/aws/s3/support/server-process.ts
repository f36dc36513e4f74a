import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

/** A server in a process of its own, that can be killed. */
export type ServerProcess = {
  process: ChildProcess;
  endpoint: string;
  /** The next line that it prints. */
  line(): Promise<string>;
};

/**
 * @param delivered a file that events are appended to.
 * @param preload a module of this folder to load before it.
 */
export async function startServer(
  dataDir: string,
  delivered: string,
  preload?: string,
): Promise<ServerProcess> {
  const file = (name: string) => path.join(import.meta.dirname, name);
  const imports = preload === undefined ? [] : ["--import", file(preload)];
  const child = spawn(process.execPath, [...imports, file("crash-server.ts"), dataDir, delivered], {
    stdio: ["ignore", "pipe", preload === undefined ? "inherit" : "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async () => String((await lines.next()).value);
  return { process: child, endpoint: await line(), line };
}
