import path from "node:path";
import type { ProgramUser } from "../system/program-user.ts";
import { compilePattern } from "./path-pattern.ts";

/** What to run after a file with a matching path was installed. */
export type RunRule = {
  /** Paths below the root, without symbolic links: `*` and `?` stay within a segment, `**` crosses them. */
  match: string;
  /** Program and arguments, given to it as they are: there is no shell. `{path}` becomes the file's absolute path. */
  command: readonly [string, ...string[]];
  /** After so long the program must have ended well or still be running. */
  seconds: number;
  /** Seconds before a program that ended badly after that is started again, doubling; undefined: it is not. */
  restart?: number | undefined;
  /** Whom the program runs as; undefined: as the agent does. */
  user?: ProgramUser | undefined;
};

/** The first rule that a path matches. */
export function ruleFor(rules: readonly RunRule[], path: string): RunRule | undefined {
  return rules.find(({ match }) => compilePattern(match)(path));
}

/** A rule's command for one file. */
export function commandFor({ command }: RunRule, absolutePath: string): [string, ...string[]] {
  const [program, ...args] = command;
  const fill = (text: string) => text.replaceAll("{path}", () => absolutePath);
  return [fill(program), ...args.map(fill)];
}

/** Whether a rule's command is about one file: each file is then a unit of its own, and the files of another rule are one. */
export function isPerFile({ command }: RunRule): boolean {
  return command.some((text) => text.includes("{path}"));
}

/** Whether a rule's command names a file, as its program or as an argument. A program without a slash is looked for elsewhere. */
export function namesFile({ command }: RunRule, root: string, filePath: string): boolean {
  const file = path.join(root, filePath);
  return command.some((text, at) => (at > 0 || text.includes("/")) && path.resolve(root, text) === file);
}
