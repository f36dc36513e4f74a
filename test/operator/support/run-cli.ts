import type { CliContext, Output } from "../../../operator/cli/context.ts";
import { runCommandLine } from "../../../operator/cli/run-command-line.ts";

export type CliRun = { code: number; out: string; err: string };

export type CliOptions = Partial<Pick<CliContext, "cwd" | "env" | "signal" | "ask">> & {
  /** Both streams are a terminal. */
  terminal?: boolean;
  /** Told what was written by now, whenever something is. */
  heard?: (written: { out: string; err: string }) => void;
};

/** Runs the command line in this process, and keeps what it writes. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const written = { out: "", err: "" };
  const output = (name: "out" | "err"): Output => ({
    write(text) {
      written[name] += text;
      options.heard?.(written);
    },
    isTTY: options.terminal === true,
    getColorDepth: () => 1,
  });
  const code = await runCommandLine(args, {
    process: { stdout: output("out"), stderr: output("err") },
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    signal: options.signal ?? new AbortController().signal,
    ask: options.ask,
  });
  return { code, ...written };
}
