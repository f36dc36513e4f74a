import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadAccessKey } from "../../local/aws/s3/standalone/access-key.ts";
import type { BenchFlags } from "./flags.ts";

/** A server in a process of its own, with an empty folder. */
export type ServerProcess = {
  name: string;
  port: number;
  accessKeyId: string;
  secretAccessKey: string;
  /** From the start of the process until it listens. */
  startMs: number;
  /** Resident memory in MB now, and at its highest; only Linux tells it. */
  memory(): Promise<{ now: number; highest: number }>;
  stop(): Promise<void>;
};

const MAIN = path.join(import.meta.dirname, "../../local/aws/s3/main.ts");

export async function startOurs(): Promise<ServerProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), "bench-s3-"));
  const key = loadAccessKey(folder);
  return await start("local S3", folder, key, (port) =>
    spawn(process.execPath, ["--max-semi-space-size=2", MAIN, "--data", folder, "--port", String(port)], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, MALLOC_ARENA_MAX: "2" }, // as npm run s3 has it
    }),
  );
}

export async function startOther(against: NonNullable<BenchFlags["against"]>): Promise<ServerProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), "bench-s3-other-"));
  return await start("other", folder, against, (port) =>
    spawn(`exec ${against.command}`, {
      shell: true,
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, PORT: String(port), DIR: folder },
    }),
  );
}

async function start(
  name: string,
  folder: string,
  { accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string },
  launch: (port: number) => ChildProcess,
): Promise<ServerProcess> {
  const port = await freePort();
  const began = performance.now();
  const child = launch(port);
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
    await sleep(2);
  }
  const startMs = performance.now() - began;
  return {
    name,
    port,
    accessKeyId,
    secretAccessKey,
    startMs,
    async memory() {
      const status = await readFile(`/proc/${child.pid}/status`, "utf8");
      const megabytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
      return { now: megabytes("VmRSS"), highest: megabytes("VmHWM") };
    },
    async stop() {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}
