import { randomUUID } from "node:crypto";
import path from "node:path";
import { readInstalledFiles } from "../state/installed-files.ts";
import { type FailedVersion, readFailedVersions } from "../trial/failed-versions.ts";
import { leaveRetryRequest } from "../trial/retry-requests.ts";
import { checkStateFolder } from "./status.ts";

/** There is nothing to try again; the message says why. */
export class NothingToRetry extends Error {
  override name = "NothingToRetry" as const;
}

/** What the agent was asked to try again. */
export type Retried = { path: string; name: string; sha256: string };

/**
 * Asks the agent to try a version again that it condemned. A running agent does it within seconds, another at its next start.
 *
 * @param asked the file's path below the root or its key
 * @throws {NothingToRetry}, {StateFolderUnusable} or an error of the file system.
 */
export async function retry(state: string, asked: string): Promise<Retried> {
  await checkStateFolder(state);
  const failed = await readFailedVersions(path.join(state, "failed.json"));
  const found = [...failed].find(([filePath, { version }]) => filePath === asked || version?.name === asked);
  if (found === undefined) {
    const installed = await readInstalledFiles(path.join(state, "installed.json"));
    const known = installed.has(asked) || [...installed.values()].some(({ name }) => name === asked);
    throw new NothingToRetry(
      known
        ? `no version of ${asked} is condemned: there is nothing to try again`
        : `nothing was delivered to ${asked}: \`noteferry-agent status\` lists the paths`,
    );
  }
  const [filePath, { sha256, version }] = installedOf(failed, found);
  if (version === undefined) {
    throw new NothingToRetry(
      `an earlier version of the agent condemned ${asked}, and did not keep what was announced: upload it once more`,
    );
  }
  const announcement = { ...version, sha256, again: undefined };
  await leaveRetryRequest(state, { id: randomUUID(), path: filePath, announcement, begun: false });
  return { path: filePath, name: version.name, sha256 };
}

type Entry = [string, FailedVersion];

/** The agent tries a whole unit again, whichever of its files is asked for; a request asks for one that is installed. */
function installedOf(failed: ReadonlyMap<string, FailedVersion>, found: Entry): Entry {
  const [, { removed, unit }] = found;
  if (!removed) return found;
  return (
    [...failed].find(([, other]) => unit !== undefined && other.unit === unit && !other.removed) ?? found
  );
}
