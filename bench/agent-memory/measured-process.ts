import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

/** What a line of an agent's log begins with. */
const STAMP = /^\S+Z \w+ +/;

/** A program that is watched from outside, so that watching costs it nothing. */
export type MeasuredProcess = {
  /** The next line that begins so; rejects if it ends before. */
  said(beginning: string): Promise<string>;
  /** The most memory that it has had at once, in bytes. */
  peak(): Promise<number>;
  /** Bytes that it had the disk write so far, in whole blocks; 0 where its files are in memory. */
  written(): Promise<number>;
  stop(): Promise<void>;
};

export function startMeasured(node: string, args: readonly string[]): MeasuredProcess {
  const child = spawn(node, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  const awaited = new Map<string, (line: string) => void>();
  createInterface(child.stdout).on("line", (line) => {
    const said = line.replace(STAMP, "");
    for (const [beginning, heard] of awaited) if (said.startsWith(beginning)) heard(said);
  });
  async function tell(file: string, number: RegExp): Promise<number> {
    const [, digits] = number.exec(await readFile(`/proc/${child.pid}/${file}`, "utf8")) ?? [];
    if (digits === undefined) throw new Error("this system does not tell what a process takes");
    return Number(digits);
  }
  return {
    async said(beginning) {
      const heard = new Promise<string>((resolve) => awaited.set(beginning, resolve));
      const tooEarly = ended.then(() =>
        Promise.reject<string>(new Error(`it ended before it said: ${beginning}`)),
      );
      return Promise.race([heard, tooEarly]);
    },
    peak: async () => 1024 * (await tell("status", /^VmHWM:\s+(\d+) kB$/m)),
    written: () => tell("io", /^write_bytes: (\d+)$/m),
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
