import { parseArgs } from "node:util";
import { CHUNK_MAX_BYTES } from "../../protocol/limits.ts";
import { DEFAULT_RETRY_POLICY } from "../delivery/retry-policy.ts";
import {
  type RunSettings,
  readChunkSize,
  readMode,
  readNotecard,
  readSeconds,
  SettingRefused,
} from "./run-settings.ts";

export const USAGE = `noteferry-agent run --notecard <address> --root <folder> --state <folder> [options]

  --notecard <address>     tcp://host:port, serial:/dev/ttyACM0, or serial:/dev/serial0?baud=9600
  --root <folder>          announced files go below it
  --state <folder>         the agent's own folder, outside the root
  --route <alias>          proxy route in Notehub (noteferry)
  --product <uid>          set this ProductUID on the Notecard; by default it is left alone
  --mode <mode>            set this sync mode on the Notecard; by default it is left alone
  --chunk-size <bytes>     of file per request (${CHUNK_MAX_BYTES})
  --poll <seconds>         between two looks at the Notecard, which cost no radio (0.5 over TCP, 2 on a serial line)
  --retry-pause <seconds>  before a failed request is tried again, doubling (1)
  --rest <seconds>         before a failed delivery is begun again, doubling (60)
  --json                   one line of JSON per event
`;

export type CommandLine = { command: "help" } | { command: "run"; settings: RunSettings; json: boolean };

/** @throws {SettingRefused} that names the flag. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parse(args);
  const [command, ...more] = positionals;
  if (values.help === true || command === "help") return { command: "help" };
  if (command !== "run")
    throw new SettingRefused(command === undefined ? "no command is given" : `unknown command: ${command}`);
  if (more.length > 0) throw new SettingRefused(`what is "${more[0]}"?`);
  const { root, state, notecard } = values;
  if (notecard === undefined) throw new SettingRefused("--notecard is missing");
  if (root === undefined) throw new SettingRefused("--root is missing");
  if (state === undefined) throw new SettingRefused("--state is missing");
  return {
    command,
    json: values.json === true,
    settings: readSettings({ ...values, root, state, notecard }),
  };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ notecard: text, root: text, state: text, route: text, product: text, mode: text, poll: text },
        ...{ "chunk-size": text, "retry-pause": text, rest: text },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (cause) {
    throw new SettingRefused(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

type Values = ReturnType<typeof parse>["values"];

function readSettings(values: Values & { root: string; state: string; notecard: string }): RunSettings {
  const notecard = readNotecard("--notecard", values.notecard);
  const poll = values.poll ?? (notecard.kind === "tcp" ? "0.5" : "2");
  const policy = { ...DEFAULT_RETRY_POLICY };
  if (values["retry-pause"] !== undefined) {
    policy.firstPauseMs = readSeconds("--retry-pause", values["retry-pause"], 0, 3600);
  }
  if (values.rest !== undefined) policy.firstRestMs = readSeconds("--rest", values.rest, 0.01, 86_400);
  return {
    notecard,
    notecardText: values.notecard,
    root: values.root,
    state: values.state,
    route: values.route ?? "noteferry",
    ...(values.product === undefined ? {} : { product: values.product }),
    ...(values.mode === undefined ? {} : { mode: readMode("--mode", values.mode) }),
    chunkSize: readChunkSize("--chunk-size", values["chunk-size"] ?? String(CHUNK_MAX_BYTES)),
    pollMs: readSeconds("--poll", poll, 0.01, 3600),
    policy,
  };
}
