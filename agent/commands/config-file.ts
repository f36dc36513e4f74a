import { readFile } from "node:fs/promises";
import * as v from "valibot";
import type { GivenSettings } from "./run-settings.ts";
import { SettingRefused } from "./setting-refused.ts";
import { attnCommandSchema, runRuleSchema, settingSchemas } from "./setting-values.ts";

const Settings = v.strictObject(
  {
    ...v.entriesFromObjects([v.partial(v.object(settingSchemas))]),
    attnCommand: v.optional(attnCommandSchema),
    run: v.optional(v.array(runRuleSchema, "is no list")),
  },
  "is not known",
);

/** A list would pass for an object without members. */
const ConfigFile = v.pipe(
  v.custom<Record<string, unknown>>(
    (input) => typeof input === "object" && input !== null && !Array.isArray(input),
    "is no object",
  ),
  Settings,
);

/**
 * Reads a config file: JSON with the flags' names, in camel case, `attnCommand` and `run`.
 *
 * @throws {SettingRefused} that names the file and the key.
 */
export async function readConfigFile(file: string): Promise<GivenSettings> {
  const parsed = v.safeParse(ConfigFile, await readJson(file));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new SettingRefused(`${file}: ${v.getDotPath(issue) ?? "the file"} ${issue.message}`);
  }
  const { notecard, root, state, route, product, mode, fetch, chunkSize, poll } = parsed.output;
  const { connect, retryPause, rest, attnCommand, run } = parsed.output;
  return {
    ...(notecard && { notecard }),
    ...(root !== undefined && { root }),
    ...(state !== undefined && { state }),
    ...(route !== undefined && { route }),
    ...(product !== undefined && { product }),
    ...(mode && { mode }),
    ...(fetch && { fetch }),
    ...(chunkSize !== undefined && { chunkSize }),
    ...(poll !== undefined && { pollMs: poll }),
    ...(retryPause !== undefined && { firstPauseMs: retryPause }),
    ...(rest !== undefined && { firstRestMs: rest }),
    ...(connect !== undefined && { connectMs: connect }),
    ...(attnCommand && { attnCommand }),
    ...(run && { run }),
  };
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new SettingRefused(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
