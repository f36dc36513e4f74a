import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { sentenceOf } from "../system/errno.ts";
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
  const text = textOf(file, await read(file));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SettingRefused(`${file}: it is no JSON${placeOf(cause, text)}`, { cause });
  }
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new SettingRefused(sentenceOf(cause), { cause });
  }
}

/** Editors on Windows put a byte order mark first, and some of them save UTF-16. */
function textOf(file: string, bytes: Buffer): string {
  if (bytes.includes(0)) throw new SettingRefused(`${file}: it is UTF-16 or no text: save it as UTF-8`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes); // which drops the mark
  } catch (cause) {
    throw new SettingRefused(`${file}: it is not in UTF-8: save it as that`, { cause });
  }
}

/** Where the parser stopped, as far as its message tells. */
function placeOf(error: unknown, text: string): string {
  const [, at] = /position (\d+)/.exec(error instanceof Error ? error.message : "") ?? [];
  if (at === undefined)
    return text.trim() === ""
      ? ": it is empty"
      : ": a bracket or a quote is not closed, or a word not quoted";
  const before = text.slice(0, Number(at)).split("\n");
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  return ` at ${place}: JSON has double quotes, no comments, and no comma after the last of a list`;
}
