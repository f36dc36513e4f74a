import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { type GivenSettings, readSettings } from "./run-settings.ts";
import { SettingRefused } from "./settings.ts";

/** A list would pass for an object without members. */
const ConfigFile = v.custom<Record<string, unknown>>(
  (input) => typeof input === "object" && input !== null && !Array.isArray(input),
);

/**
 * Reads a config file: JSON with settings by their names.
 *
 * @throws {SettingRefused} that names the file and the key.
 */
export async function readConfigFile(file: string): Promise<GivenSettings> {
  const content = await readJson(file);
  if (!v.is(ConfigFile, content)) throw new SettingRefused(`${file}: the file is no object`);
  return readSettings(content, (name) => `${file}: ${name}`);
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new SettingRefused(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
