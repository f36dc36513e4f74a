import type { CommandContext } from "@stricli/core";
import type { Where } from "../cloud/find-deployment.ts";

/** Where a command writes: `columns` and `isTTY` as a terminal has them. */
export type Output = {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  getColorDepth?: (env?: Readonly<Partial<Record<string, string>>>) => number;
};

type Environment = Readonly<Partial<Record<string, string>>>;

/** Results go to stdout, talk to stderr. */
export type CliStreams = { stdout: Output; stderr: Output };

/** What a command has around it. */
export type CliContext = CommandContext & {
  readonly process: CliStreams;
  readonly env: Environment;
  /** What relative paths are relative to. */
  readonly cwd: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** What is on the line that a shell wants completed, without its last word; absent for a command that runs. */
  readonly completing?: { where: Where; words: readonly string[] };
  /** Asks a person; absent where there is no terminal to ask at. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
};
