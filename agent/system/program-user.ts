import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { sentenceOf } from "./errno.ts";

const run = promisify(execFile);

/** A user that programs are started as. */
export type ProgramUser = { name: string; uid: number; gid: number };

/** A user that programs cannot be started as; the message says why. */
export class UserUnusable extends Error {
  override name = "UserUnusable" as const;
  readonly code = "user";
}

/**
 * Looks a user up, wherever the system has its users from, and tries whether programs can be started as it.
 *
 * @returns undefined for the user that this process runs as
 * @throws {UserUnusable}
 */
export async function findProgramUser(name: string): Promise<ProgramUser | undefined> {
  const [uid, gid] = [await ask("-u", name), await ask("-g", name)];
  const own = process.geteuid?.();
  if (uid === own) return undefined;
  if (own !== 0) {
    throw new UserUnusable(`only root may start programs as ${name}: run the agent as root or as ${name}`);
  }
  const user = { name, uid, gid };
  const [program, ...args] = asUser(["true"], user);
  await run(program, args).catch((cause) => {
    throw new UserUnusable(
      `programs cannot be started as ${name}, for which setpriv (of util-linux) and, in a service, CAP_SETUID and CAP_SETGID are needed: ${complaintOf(cause)}`,
      { cause },
    );
  });
  return user;
}

async function ask(flag: "-u" | "-g", name: string): Promise<number> {
  const { stdout } = await run("id", [flag, "--", name]).catch((cause) => {
    throw new UserUnusable(`there is no user ${name}: ${complaintOf(cause)}`, { cause });
  });
  return Number(stdout);
}

function complaintOf(error: unknown): string {
  const text = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
  return text === "" ? sentenceOf(error) : text.slice(0, 200);
}

/**
 * The command that runs another one as a user, with all of its groups and none of our environment. Node sets a user and a group, but
 * takes all other groups away, which would keep a program from a serial line or a GPIO. https://man7.org/linux/man-pages/man1/setpriv.1.html
 */
export function asUser(
  command: readonly [string, ...string[]],
  user: ProgramUser | undefined,
): [string, ...string[]] {
  if (user === undefined) return [...command];
  const ids = [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--init-groups"];
  return ["setpriv", ...ids, "--reset-env", "--", ...command];
}
