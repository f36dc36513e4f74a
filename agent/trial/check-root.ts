import path from "node:path";
import { readRoot } from "../state/recorded-root.ts";
import { type StateFolder, StateFolderUnusable } from "../state/state-folder.ts";
import { readTrials } from "./trials.ts";

/**
 * Below another root nothing of a unit on trial is there: it would count as undone, and what it had replaced would be put there, or removed.
 *
 * @param root the real path below which files are installed now
 * @throws {StateFolderUnusable}
 */
export async function checkRootOfTrials(
  { path: own, real }: Pick<StateFolder, "path" | "real">,
  root: string,
): Promise<void> {
  if ((await readTrials(path.join(own, "trials"))).length === 0) return;
  const its = await readRoot(path.join(own, "root.json"));
  if (its !== undefined && its !== root)
    throw new StateFolderUnusable(`what waits in ${real} belongs below ${its}, not ${root}: give that root`);
}
