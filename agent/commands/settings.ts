import { CHUNK_MAX_BYTES } from "../../protocol/limits.ts";
import { DEFAULT_RETRY_POLICY } from "../delivery/retry-policy.ts";
import { FETCH_WAYS } from "../link/notecard/doors/choose-door.ts";
import type { NotecardAddress } from "../notecard/open-port.ts";
import { LINK_KINDS, type Setting } from "./setting.ts";
import {
  commandLine,
  decimal,
  into,
  notecardAddress,
  oneOf,
  runRules,
  seconds,
  stageName,
  text,
  wholeNumber,
} from "./setting-values.ts";
import { THING_SETTINGS } from "./thing-setting-rows.ts";

const MIB = 1024 * 1024;

/**
 * Every setting, by its key in a config file; its flag is the same in kebab case. Flags, config file, usage, messages and the
 * type of what a command is given all come from here.
 */
export const SETTINGS = {
  link: {
    argument: "kind",
    help: "how this device is connected: by a Notecard, or as an AWS IoT thing (iot)",
    schema: into(oneOf(LINK_KINDS), (link) => ({ link })),
    default: "notecard",
    commands: ["run", "doctor"],
  },
  notecard: {
    argument: "address",
    help: "where the Notecard is:",
    more: [
      "tcp://host:port, serial:/dev/ttyACM0, serial:/dev/serial0?baud=9600, or i2c:1;",
      "serial:/dev/serial/by-id/usb-Blues* finds one on USB, whatever its number;",
      "tcp://host:port?pace=uart if a UART is behind it",
    ],
    schema: into(notecardAddress, ({ address, text }) => ({ notecard: address, notecardText: text })),
    required: "notecard",
    commands: ["run", "doctor"],
  },
  ...THING_SETTINGS,
  root: {
    argument: "folder",
    help: "announced files go below it",
    schema: into(text, (root) => ({ root })),
    required: true,
    commands: ["run", "doctor", "recover"],
  },
  state: {
    argument: "folder",
    help: "the agent's own folder, outside the root",
    schema: into(text, (state) => ({ state })),
    required: true,
    commands: ["run", "status", "retry", "doctor", "recover"],
  },
  route: {
    argument: "alias",
    help: "proxy route in Notehub",
    schema: into(text, (route) => ({ route })),
    default: "noteferry",
    commands: ["run", "doctor"],
  },
  stage: {
    argument: "name",
    help: "of the deployment that this device gets files from, if it has one",
    schema: into(stageName, (stage) => ({ stage })),
    commands: ["run", "doctor"],
  },
  product: {
    argument: "uid",
    help: "set this ProductUID on the Notecard; by default it is left alone",
    schema: into(text, (product) => ({ product })),
    commands: ["run"],
  },
  mode: {
    argument: "mode",
    help: "set this sync mode on the Notecard; by default it is left alone",
    schema: into(oneOf(["continuous", "periodic", "minimum", "off"]), (mode) => ({ mode })),
    commands: ["run"],
  },
  fetch: {
    argument: "way",
    help: "json, raw, binary, or auto for the cheapest that works",
    schema: into(oneOf(FETCH_WAYS), (fetch) => ({ fetch })),
    default: "auto",
    commands: ["run"],
  },
  chunkSize: {
    argument: "bytes",
    help: "of file per request of the json way",
    schema: into(wholeNumber(1, CHUNK_MAX_BYTES), (chunkSize) => ({ chunkSize })),
    fromText: decimal,
    default: CHUNK_MAX_BYTES,
    commands: ["run"],
  },
  patchMaxBytes: {
    argument: "bytes",
    help: "of file, above which no patch is applied: it takes up to five times as much memory",
    schema: into(wholeNumber(0, 64 * MIB), (patchMaxBytes) => ({ patchMaxBytes })),
    fromText: decimal,
    default: 2 * MIB,
    commands: ["run"],
  },
  zstdMaxBytes: {
    argument: "bytes",
    help: "of file, above which no compressed form is fetched",
    schema: into(wholeNumber(0, 5 * 1024 * MIB), (zstdMaxBytes) => ({ zstdMaxBytes })),
    fromText: decimal,
    default: 64 * MIB,
    commands: ["run"],
  },
  poll: {
    argument: "seconds",
    help: "between two looks at the Notecard, which cost no radio",
    schema: into(seconds(0.01, 3600), (pollMs) => ({ pollMs })),
    fromText: decimal,
    default: ({ notecard }) => (isLine(notecard) ? 2 : 0.5),
    defaultText: "0.5 over TCP, 2 on a serial line",
    commands: ["run", "doctor"],
  },
  connect: {
    argument: "seconds",
    help: "that connecting may take before a delivery is put off",
    schema: into(seconds(0, 3600), (connectMs) => ({ connectMs })),
    fromText: decimal,
    default: 300, // on cellular it is often a minute, and with a bad signal several
    commands: ["run", "doctor"],
  },
  retryPause: {
    argument: "seconds",
    help: "before a failed request is tried again, doubling",
    schema: into(seconds(0, 3600), (firstPauseMs) => ({ firstPauseMs })),
    fromText: decimal,
    default: DEFAULT_RETRY_POLICY.firstPauseMs / 1000,
    commands: ["run"],
  },
  rest: {
    argument: "seconds",
    help: "before a failed delivery is begun again, doubling",
    schema: into(seconds(0.01, 86_400), (firstRestMs) => ({ firstRestMs })),
    fromText: decimal,
    default: DEFAULT_RETRY_POLICY.firstRestMs / 1000,
    commands: ["run"],
  },
  quiet: {
    argument: "seconds",
    help: "without a further announcement, before the files of one rule are put in place together",
    schema: into(seconds(0, 3600), (quietMs) => ({ quietMs })),
    fromText: decimal,
    default: DEFAULT_RETRY_POLICY.quietMs / 1000,
    commands: ["run"],
  },
  attnCommand: {
    help: "a program and its arguments, as a list: it writes a line each time the ATTN pin rises",
    schema: into(commandLine, (attnCommand) => ({ attnCommand })),
    commands: ["run", "doctor"],
  },
  run: {
    help: "a list of programs to run after installations, the first that matches counts:",
    more: [
      '{"match": "app/**", "command": ["systemctl", "restart", "app"], "seconds": 30}',
      'with "restart": true, or the seconds before it, one that fails later is started again;',
      'with "user": "app" it runs as that user, which needs root',
    ],
    schema: into(runRules, (run) => ({ run })),
    default: [],
    commands: ["run", "doctor"],
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof SETTINGS;

/** The rows alike, for those who go through them all. */
export const ROWS: ReadonlyMap<string, Setting> = new Map(Object.entries(SETTINGS));

/** A flag of the command line. */
export type Flag = Pick<Setting, "argument" | "help" | "more" | "default" | "defaultText"> & {
  short?: string;
};

/** Every flag by its name, without the two dashes and in the order of usage: the settings', and what only a command line has. */
export const FLAGS: ReadonlyMap<string, Flag> = new Map<string, Flag>([
  [
    "config",
    { argument: "file", help: "JSON with the settings below, in camel case without dashes; flags win" },
  ],
  ...[...ROWS]
    .filter(([, row]) => row.argument !== undefined)
    .map(([name, row]) => [flagOf(name), row] as const),
  ["json", { help: "JSON: of run, a line for each event" }],
  ["version", { help: "show the agent's version" }],
  ["help", { short: "h", help: "show this text" }],
]);

/** `chunk-size` of `chunkSize`. */
export function flagOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** A look takes 50 ms of a line at 9600 baud; over TCP alone it takes nothing. */
function isLine(address: NotecardAddress | undefined): boolean {
  return address?.kind !== "tcp" || address.pace !== undefined;
}

/** A setting that cannot be used; the message names it as the person wrote it. */
export class SettingRefused extends Error {
  override name = "SettingRefused" as const;
}
