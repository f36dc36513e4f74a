import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const PREFIX = path.join(tmpdir(), "noteferry-compiled-");

/**
 * Before the first test: what one process of a run has compiled the next one loads, since each agent or stack that a test
 * starts is hundreds of modules. The folder goes with the run, so that each begins from nothing.
 *
 * @returns what takes the folder away.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.NODE_COMPILE_CACHE?.startsWith(PREFIX)) return undefined; // for another project of the same run
  const folder = await mkdtemp(PREFIX);
  process.env.NODE_COMPILE_CACHE = folder;
  // The last workers may write to it while they end.
  return () => rm(folder, { recursive: true, force: true, maxRetries: 20 });
}

/** For the environment of a child process that is to have nothing else of ours. */
export function compileCache(): Record<string, string> {
  const { NODE_COMPILE_CACHE } = process.env;
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
}
