import type { Dirent, Stats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { isOurs, mayOthersWrite } from "../system/trusted-path.ts";
import type { Finding } from "./finding.ts";

/** Files and folders looked at: enough for any device, and no more than some seconds. */
const MOST = 20_000;

/** Named in a finding; the others are counted. */
const NAMED = 3;

const ADVICE_ABOVE =
  "they can put another folder in its place: chown it to root and chmod it go-w, or choose a folder elsewhere";
const ADVICE_BELOW =
  "they can change what the agent runs: chown it to root and chmod it go-w, or have its rule name a `user`";

/**
 * Warns of what other users may write above and below the folders. That may be wanted, and is no fault; but what they put there
 * is started with the rights that the agent, or the rule, gives it.
 *
 * @param folders real paths of the root and of the state folder, as far as they are there
 */
export async function examineWritable(folders: { root: string; state: string }): Promise<Finding[]> {
  const above = await othersAbove([folders.root, folders.state]);
  const { found, looked } = await othersBelow(folders.root);
  const limit = looked < MOST ? "" : `, among the first ${MOST}`;
  return [
    ...(above.length === 0
      ? []
      : [warning("above", `other users may write to ${namesOf(above)}`, ADVICE_ABOVE)]),
    ...(found.length === 0
      ? []
      : [warning("below", `other users may write to ${namesOf(found)}${limit}`, ADVICE_BELOW)]),
  ];
}

function warning(what: string, detail: string, advice: string): Finding {
  return { what, ok: true, detail, advice };
}

function namesOf(places: readonly string[]): string {
  const more = places.length - NAMED;
  return `${places.slice(0, NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** In a folder with the sticky bit, such as /tmp, only its owner moves what is ours. */
async function othersAbove(folders: readonly string[]): Promise<string[]> {
  const parents = new Set<string>();
  for (const folder of folders) {
    for (let at = path.dirname(folder); !parents.has(at); at = path.dirname(at)) parents.add(at);
  }
  const found: string[] = [];
  for (const parent of parents) {
    const stats = await lstat(parent).catch(() => undefined);
    const sticky = ((stats?.mode ?? 0) & 0o1000) !== 0;
    if (stats !== undefined && mayChange(stats) && !(sticky && isOurs(stats))) found.push(parent);
  }
  return found.toSorted();
}

async function othersBelow(root: string): Promise<{ found: string[]; looked: number }> {
  const found: string[] = [];
  const ahead = [root];
  let looked = 0;
  for (let at = ahead.shift(); at !== undefined && looked < MOST; at = ahead.shift()) {
    const stats = await lstat(at).catch(() => undefined);
    looked += 1;
    // A link has no mode; whose it is, the agent looks at when it meets one.
    if (stats === undefined || stats.isSymbolicLink()) continue;
    if (mayChange(stats)) found.push(at);
    if (stats.isDirectory()) ahead.push(...(await childrenOf(at)));
  }
  return { found, looked };
}

async function childrenOf(folder: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.slice(0, MOST).map(({ name }) => path.join(folder, name));
}

function mayChange(stats: Stats): boolean {
  return !isOurs(stats) || mayOthersWrite(stats);
}
