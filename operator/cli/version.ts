import { readFile } from "node:fs/promises";
import * as v from "valibot";

const Manifest = v.pipe(v.string(), v.parseJson(), v.object({ version: v.string() }));

/** The version of the whole project, which the command is part of. */
export async function readVersion(): Promise<string> {
  return v.parse(Manifest, await readFile(new URL("../../package.json", import.meta.url), "utf8")).version;
}
