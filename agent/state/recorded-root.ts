import * as v from "valibot";
import { jsonRecord, readJsonFile } from "./json-record.ts";

const RootRecord = v.object({ version: v.literal(1), root: v.string() });

/** Keeps the real path below which this agent installs, so that `status` can look there. */
export async function recordRoot(file: string, root: string): Promise<void> {
  if ((await readRoot(file)) !== root) await jsonRecord(file, RootRecord).write({ version: 1, root });
}

/** Undefined if no agent has recorded one. */
export async function readRoot(file: string): Promise<string | undefined> {
  const found = await readJsonFile(file, RootRecord);
  return typeof found === "string" ? undefined : found.value.root;
}
