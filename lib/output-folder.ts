import { chmodSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";

/** The folder that the app synthesises to is somebody else's, who could change what is deployed. */
export class OutputFolderRefused extends Error {
  override name = "OutputFolderRefused" as const;
}

/** What CDK calls bundles, and those that were left unfinished. */
const BUNDLE = /^(?:asset\.|bundling-temp-)/;

/**
 * Makes sure that what will be in the folder is what is built now: nobody else may write in it, and there is no bundle
 * in it. CDK takes one that it finds, whatever its content, for the one of the same sources.
 *
 * @throws {OutputFolderRefused}
 */
export function prepareOutputFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const { uid, mode } = statSync(folder);
  if (process.getuid !== undefined && uid !== process.getuid()) {
    throw new OutputFolderRefused(
      `${folder} belongs to another user (uid ${uid}), who could change what is deployed: remove it, or give another --output`,
    );
  }
  chmodSync(folder, mode & 0o7755);
  for (const name of readdirSync(folder)) {
    if (BUNDLE.test(name)) rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}
