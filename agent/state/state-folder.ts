import { createHash } from "node:crypto";
import { mkdir, realpath } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";

/** A folder that cannot be the agent's own; the message says why. */
export class StateFolderUnusable extends Error {
  override name = "StateFolderUnusable" as const;
}

/**
 * Makes the agent's own folder, which announced files must not reach. [NF-9.4]
 *
 * @param root the real path below which files are installed
 * @returns its real path
 * @throws {StateFolderUnusable}
 */
export async function openStateFolder(folder: string, root: string): Promise<string> {
  const refusal = new StateFolderUnusable(
    `the state folder ${folder} is inside the root ${root}: choose another`,
  );
  if (isInside(path.resolve(folder), root)) throw refusal; // before it is made
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const real = await realpath(folder);
  if (isInside(real, root)) throw refusal;
  return real;
}

/** True if a folder is the root or below it. Both paths are absolute. */
export function isInside(folder: string, root: string): boolean {
  const below = path.relative(root, folder);
  return below === "" || (below !== ".." && !below.startsWith(`..${path.sep}`) && !path.isAbsolute(below));
}

/**
 * Keeps a second agent from working on the same state. The lock is an abstract socket, not a file, so the kernel frees it when
 * its holder dies, however that happens. It does not reach into another container, and only Linux has it.
 *
 * @throws {StateFolderUnusable}
 */
export function lockStateFolder(realFolder: string): Promise<{ release(): void }> {
  if (process.platform !== "linux") return Promise.resolve({ release: () => undefined });
  const digest = createHash("sha256").update(realFolder).digest("hex"); // a socket's name has at most 107 bytes
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once("error", (cause) => {
      reject(new StateFolderUnusable(`another agent works with the state folder ${realFolder}`, { cause }));
    });
    server.listen(`\0noteferry-agent:${digest}`, () => {
      server.unref();
      resolve({ release: () => server.close() });
    });
  });
}
