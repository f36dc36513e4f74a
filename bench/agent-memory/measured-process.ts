import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

/** A program that is watched from outside, so that watching costs it nothing. */
export type MeasuredProcess = {
  /** The next line that begins so; rejects if it ends before. */
  said(beginning: string): Promise<string>;
  /** The most memory that it has had at once, in bytes. */
  peak(): Promise<number>;
  stop(): Promise<void>;
};

export function startMeasured(node: string, args: readonly string[]): MeasuredProcess {
  const child = spawn(node, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  const awaited = new Map<string, (line: string) => void>();
  createInterface(child.stdout).on("line", (line) => {
    for (const [beginning, heard] of awaited) if (line.startsWith(beginning)) heard(line);
  });
  return {
    async said(beginning) {
      const heard = new Promise<string>((resolve) => awaited.set(beginning, resolve));
      const tooEarly = ended.then(() =>
        Promise.reject<string>(new Error(`it ended before it said: ${beginning}`)),
      );
      return Promise.race([heard, tooEarly]);
    },
    async peak() {
      const status = await readFile(`/proc/${child.pid}/status`, "utf8");
      const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
      if (kibibytes === undefined) throw new Error("this system does not tell a process's memory");
      return Number(kibibytes) * 1024;
    },
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
