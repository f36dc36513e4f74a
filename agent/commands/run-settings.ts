import * as v from "valibot";
import type { Command, Setting } from "./setting.ts";
import { flagOf, ROWS, type SETTINGS, type SettingName, SettingRefused } from "./settings.ts";

type Table = typeof SETTINGS;

/** What one setting gives the commands, such as `{ pollMs }`. */
type MembersOf<Name extends SettingName> = v.InferOutput<Table[Name]["schema"]>;

/** Settings that a person gave, by flag or in a config file. */
export type GivenSettings = { [Name in SettingName]?: MembersOf<Name> };

type TakenBy<Of extends Command> = {
  [Name in SettingName]: Of extends Table[Name]["commands"][number] ? Name : never;
}[SettingName];

type AlwaysThere = {
  [Name in SettingName]: Table[Name] extends { required: true } | { default: unknown } ? Name : never;
}[SettingName];

type KeyOf<Objects> = Objects extends unknown ? keyof Objects : never;

/** One object with the members of them all. */
type Merged<Objects> = { [Key in KeyOf<Objects>]: Extract<Objects, Record<Key, unknown>>[Key] };

/** What a command is given: the members of the settings that it takes. */
export type SettingsOf<Of extends Command> = Merged<MembersOf<TakenBy<Of> & AlwaysThere>> &
  Partial<Merged<MembersOf<Exclude<TakenBy<Of>, AlwaysThere>>>>;

/** What the agent goes by. */
export type RunSettings = SettingsOf<"run">;

/**
 * Reads the settings of one source.
 *
 * @param values by name, each as a config file has it
 * @param wrote a setting as the person wrote it, for the message
 * @throws {SettingRefused}
 */
export function readSettings(
  values: Readonly<Record<string, unknown>>,
  wrote: (name: string) => string,
): GivenSettings {
  const given: Record<string, object> = {};
  for (const [name, value] of Object.entries(values)) {
    const row = ROWS.get(name);
    if (row === undefined) throw new SettingRefused(`${wrote(name)} is not known`);
    const parsed = v.safeParse(row.schema, value);
    if (!parsed.success) throw new SettingRefused(`${wrote(name)}${sentenceOf(parsed.issues[0])}`);
    given[name] = parsed.output;
  }
  return given as GivenSettings; // each is what the row of its name has made
}

/** `.0.command is no list`, where something inside the value is at fault. */
function sentenceOf(issue: v.BaseIssue<unknown>): string {
  const inside = v.getDotPath(issue);
  return `${inside === null ? "" : `.${inside}`} ${issue.message}`;
}

/**
 * What a command is given: what it takes of what was given, and defaults.
 *
 * @throws {SettingRefused} that names what is missing.
 */
export function completeSettings<Of extends Command>(command: Of, given: GivenSettings): SettingsOf<Of> {
  const all: Partial<Record<string, object>> = given;
  const settings = {};
  const { link }: { link?: string } = { link: "notecard", ...all.link };
  for (const [name, row] of ROWS) {
    if (!row.commands.includes(command)) continue;
    const members = all[name] ?? defaultOf(row, settings);
    const isRequired = row.required === true || (row.required !== undefined && row.required === link);
    if (members === undefined && isRequired) throw missing(name);
    Object.assign(settings, members);
  }
  return settings as SettingsOf<Of>; // each row that the command takes has put its members here
}

function defaultOf({ schema, default: value }: Setting, settings: object): object | undefined {
  if (value === undefined) return undefined;
  return v.parse(schema, typeof value === "function" ? value(settings) : value);
}

function missing(name: string): SettingRefused {
  return new SettingRefused(`--${flagOf(name)} is missing, and so is "${name}" in a config file`);
}
