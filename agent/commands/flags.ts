import { parseArgs } from "node:util";
import * as v from "valibot";
import { CHUNK_MAX_BYTES } from "../../protocol/limits.ts";
import { readConfigFile } from "./config-file.ts";
import { completeSettings, type GivenSettings, type RunSettings, stateFolderOf } from "./run-settings.ts";
import { SettingRefused } from "./setting-refused.ts";
import { settingSchemas } from "./setting-values.ts";

export const USAGE = `noteferry-agent <command> [options]

  run       deliver what is announced, until told to stop
  status    say what is installed, what is under way, and what failed; needs --state alone
  doctor    check the Notecard, the route, the folders and the clock, and say what to do

  --config <file>          JSON with the settings below, in camel case without dashes, "attnCommand" and "run"; flags win
  --notecard <address>     tcp://host:port, serial:/dev/ttyACM0, serial:/dev/serial0?baud=9600, or i2c:1;
                           tcp://host:port?pace=uart if a UART is behind it
  --root <folder>          announced files go below it
  --state <folder>         the agent's own folder, outside the root
  --route <alias>          proxy route in Notehub (noteferry)
  --product <uid>          set this ProductUID on the Notecard; by default it is left alone
  --mode <mode>            set this sync mode on the Notecard; by default it is left alone
  --fetch <way>            json, raw, binary, or auto for the cheapest that works (auto)
  --chunk-size <bytes>     of file per request of the json way (${CHUNK_MAX_BYTES})
  --poll <seconds>         between two looks at the Notecard, which cost no radio (0.5 over TCP, 2 on a serial line)
  --connect <seconds>      that the Notecard may take to connect before a delivery is put off (300)
  --retry-pause <seconds>  before a failed request is tried again, doubling (1)
  --rest <seconds>         before a failed delivery is begun again, doubling (60)
  --json                   JSON: of run, a line for each event
`;

const COMMANDS = ["run", "status", "doctor"] as const;

export type CommandLine =
  | { command: "help" }
  | { command: "status"; state: string; json: boolean }
  | { command: "run" | "doctor"; settings: RunSettings; json: boolean };

/** @throws {SettingRefused} that names the flag, or the key of the config file. */
export async function parseCommandLine(args: readonly string[]): Promise<CommandLine> {
  const { values, positionals } = parse(args);
  const [name, ...more] = positionals;
  if (values.help === true || name === "help") return { command: "help" };
  if (name === undefined) throw new SettingRefused("no command is given");
  const command = COMMANDS.find((each) => each === name);
  if (command === undefined) throw new SettingRefused(`unknown command: ${name}`);
  if (more.length > 0) throw new SettingRefused(`one command at a time: what is "${more[0]}"?`);
  const fromFile = values.config === undefined ? {} : await readConfigFile(values.config);
  const given = { ...fromFile, ...readFlags(values) };
  const json = values.json === true;
  // Where the Notecard is and where files go is nothing to somebody who only looks.
  if (command === "status") return { command, json, state: stateFolderOf(given) };
  return { command, json, settings: completeSettings(given) };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ config: text, notecard: text, root: text, state: text, route: text, product: text, mode: text },
        ...{ fetch: text, "chunk-size": text, poll: text, "retry-pause": text, rest: text, connect: text },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (cause) {
    throw new SettingRefused(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function readFlags(values: ReturnType<typeof parse>["values"]): GivenSettings {
  const { notecard, root, state, route, product, mode, fetch, poll, rest, connect } = values;
  const s = settingSchemas;
  return {
    ...(notecard !== undefined && { notecard: value("--notecard", s.notecard, notecard) }),
    ...(root !== undefined && { root: value("--root", s.root, root) }),
    ...(state !== undefined && { state: value("--state", s.state, state) }),
    ...(route !== undefined && { route: value("--route", s.route, route) }),
    ...(product !== undefined && { product: value("--product", s.product, product) }),
    ...(mode !== undefined && { mode: value("--mode", s.mode, mode) }),
    ...(fetch !== undefined && { fetch: value("--fetch", s.fetch, fetch) }),
    ...(values["chunk-size"] !== undefined && {
      chunkSize: value("--chunk-size", s.chunkSize, decimal(values["chunk-size"])),
    }),
    ...(poll !== undefined && { pollMs: value("--poll", s.poll, decimal(poll)) }),
    ...(values["retry-pause"] !== undefined && {
      firstPauseMs: value("--retry-pause", s.retryPause, decimal(values["retry-pause"])),
    }),
    ...(rest !== undefined && { firstRestMs: value("--rest", s.rest, decimal(rest)) }),
    ...(connect !== undefined && { connectMs: value("--connect", s.connect, decimal(connect)) }),
  };
}

function value<const Schema extends v.GenericSchema>(
  flag: string,
  schema: Schema,
  input: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return parsed.output;
  throw new SettingRefused(`${flag} ${parsed.issues[0].message}`);
}

/** Plain decimals only: `Number` would take an empty text for 0. */
function decimal(text: string): number {
  return /^[0-9]+(?:\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
}
