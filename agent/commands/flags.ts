import { parseArgs } from "node:util";
import { readConfigFile } from "./config-file.ts";
import { completeSettings, type GivenSettings, readSettings, type SettingsOf } from "./run-settings.ts";
import { COMMANDS, type Command } from "./setting.ts";
import { FLAGS, flagOf, ROWS, SettingRefused } from "./settings.ts";

export type CommandLine =
  | { command: "help" | "version" }
  | { [Of in Exclude<Command, "retry">]: { command: Of; settings: SettingsOf<Of>; json: boolean } }[Exclude<
      Command,
      "retry"
    >]
  | { command: "retry"; path: string; settings: SettingsOf<"retry">; json: boolean };

/** @throws {SettingRefused} that names the flag, or the key of the config file. */
export async function parseCommandLine(args: readonly string[]): Promise<CommandLine> {
  const { values, positionals } = parse(args);
  const [name, ...more] = positionals;
  if (values.help === true || name === "help") return { command: "help" };
  if (values.version === true) return { command: "version" };
  if (name === undefined) throw new SettingRefused("no command is given");
  if (!isCommand(name)) throw new SettingRefused(`unknown command: ${name}`);
  const [argument] = name === "retry" ? more.splice(0, 1) : [];
  if (more.length > 0) throw new SettingRefused(`one command at a time: what is "${more[0]}"?`);
  const { config } = values;
  const fromFile = typeof config === "string" ? await readConfigFile(config) : {};
  const given = { ...fromFile, ...readFlags(values) };
  const json = values.json === true;
  switch (name) {
    case "run":
      return { command: name, json, settings: completeSettings(name, given) };
    case "status":
      return { command: name, json, settings: completeSettings(name, given) };
    case "retry":
      if (argument === undefined) throw new SettingRefused("retry lacks the <path> that `status` shows");
      return { command: name, path: argument, json, settings: completeSettings(name, given) };
    case "recover":
      return { command: name, json, settings: completeSettings(name, given) };
    case "doctor":
      return { command: name, json, settings: completeSettings(name, given) };
  }
}

function isCommand(name: string): name is Command {
  return Object.hasOwn(COMMANDS, name);
}

type Values = Readonly<Record<string, unknown>>;

/** The parser's own complaints are not for people: it is told to have none, and what it found is looked at here. */
function parse(args: readonly string[]): { values: Values; positionals: string[] } {
  const options = [...FLAGS].map(([flag, { argument, short }]) => {
    const type: "boolean" | "string" = argument === undefined ? "boolean" : "string";
    return [flag, short === undefined ? { type } : { type, short }] as const;
  });
  const { values, positionals, tokens } = parseArgs({
    ...{ args: [...args], options: Object.fromEntries(options) },
    ...{ allowPositionals: true, strict: false, tokens: true },
  });
  for (const token of tokens) if (token.kind === "option") checkFlag(token);
  return { values, positionals };
}

type FlagToken = {
  name: string;
  rawName: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
};

function checkFlag({ name, rawName, value, inlineValue }: FlagToken): void {
  const flag = FLAGS.get(name);
  if (flag === undefined) throw new SettingRefused(`${rawName} is not known`);
  if (flag.argument === undefined && value !== undefined)
    throw new SettingRefused(`${rawName} takes no value`);
  if (flag.argument === undefined) return;
  // A flag whose value was forgotten takes the next flag for it.
  if (value === undefined || (inlineValue !== true && value.startsWith("-")))
    throw new SettingRefused(
      `${rawName} lacks its <${flag.argument}>; write ${rawName}=… if that begins with a dash`,
    );
}

function readFlags(values: Values): GivenSettings {
  const given: Record<string, unknown> = {};
  for (const [name, { fromText = String }] of ROWS) {
    const text = values[flagOf(name)];
    if (typeof text === "string") given[name] = fromText(text);
  }
  return readSettings(given, (name) => `--${flagOf(name)}`);
}
