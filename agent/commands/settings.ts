import type * as v from "valibot";
import { CHUNK_MAX_BYTES } from "../../protocol/limits.ts";
import { DEFAULT_RETRY_POLICY } from "../delivery/retry-policy.ts";
import { FETCH_WAYS } from "../link/notecard/doors/choose-door.ts";
import type { NotecardAddress } from "../notecard/open-port.ts";
import {
  brokerAddress,
  commandLine,
  decimal,
  into,
  notecardAddress,
  oneOf,
  runRules,
  seconds,
  stageName,
  text,
  thingName,
  wholeNumber,
} from "./setting-values.ts";

/** What the agent can be told to do, and what usage says of it. */
export const COMMANDS = {
  run: "deliver what is announced, until told to stop",
  status: "say what is installed, what is under way, and what failed; needs --state alone",
  retry: "try a version again that did not run: retry <path>; needs --state alone",
  recover:
    "finish or undo what a power cut left half in place, before a program starts; needs --root and --state",
  doctor: "check the way to the cloud, the folders and the clock, and say what to do",
} as const;

export type Command = keyof typeof COMMANDS;

const MIB = 1024 * 1024;

/** The ways to the cloud. */
export const LINK_KINDS = ["notecard", "iot"] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

/**
 * Below 64 KiB the heads of requests show, above 256 KiB nothing is gained: 1.4 %, 0.4 % and 0.1 % of a file at 64 KiB, 256 KiB and 1 MiB
 * (`npm run bench:link`). What is under way when an agent is killed is fetched again.
 */
const RANGE_DEFAULT_BYTES = 256 * 1024;
/** Above this the file-server may send a client elsewhere. [NF-12.5] */
const RANGE_MAX_BYTES = 4 * MIB;

/** A row of {@link SETTINGS}. */
export type Setting = {
  /** What follows the flag. Without it there is no flag: the value is more than a command line should hold. */
  argument?: string;
  /** One line of usage; after a flag it reads on from the argument. */
  help: string;
  /** Further lines of usage. */
  more?: readonly string[];
  /** Turns a config file's value into what the commands are given. Its messages read on from the setting's name. */
  schema: v.GenericSchema<unknown, object>;
  /** Turns a flag's text into a config file's value; without it, the text is one. */
  fromText?: (text: string) => unknown;
  /** A command that takes it cannot do without: at all, or with a link of that kind. */
  required?: true | LinkKind;
  /** A config file's value, or how it follows from other settings. */
  default?: string | number | readonly [] | ((settings: { notecard?: NotecardAddress }) => number);
  /** What usage says where the default itself says nothing. */
  defaultText?: string;
  /** The commands that take it. The others let it pass, so that one config file serves all. */
  commands: readonly Command[];
};

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
  thing: {
    argument: "name",
    help: "of the AWS IoT thing that this device is; MQTT client id too",
    schema: into(thingName, (thing) => ({ thing })),
    required: "iot",
    commands: ["run", "doctor"],
  },
  endpoint: {
    argument: "host[:port]",
    help: "of AWS IoT: what `aws iot describe-endpoint --endpoint-type iot:Data-ATS` says; port 8883, or 443",
    schema: into(brokerAddress, (endpoint) => ({ endpoint })),
    required: "iot",
    commands: ["run", "doctor"],
  },
  certificate: {
    argument: "file",
    help: "the thing's certificate, PEM",
    schema: into(text, (certificate) => ({ certificate })),
    required: "iot",
    commands: ["run", "doctor"],
  },
  key: {
    argument: "file",
    help: "its private key, PEM, which only the agent's user may read",
    schema: into(text, (key) => ({ key })),
    required: "iot",
    commands: ["run", "doctor"],
  },
  ca: {
    argument: "file",
    help: "CAs to trust in place of Node's own, PEM: those of AWS IoT and of the file-server",
    schema: into(text, (ca) => ({ ca })),
    commands: ["run", "doctor"],
  },
  sni: {
    argument: "name",
    help: "that the broker's certificate has, if that is not its host",
    schema: into(text, (sni) => ({ sni })),
    commands: ["run", "doctor"],
  },
  alpn: {
    argument: "protocol",
    help: "to ask the broker for; by default x-amzn-mqtt-ca on port 443, and none elsewhere",
    schema: into(text, (alpn) => ({ alpn })),
    commands: ["run", "doctor"],
  },
  rangeBytes: {
    argument: "bytes",
    help: "of file per request of a thing",
    schema: into(wholeNumber(1, RANGE_MAX_BYTES), (rangeBytes) => ({ rangeBytes })),
    fromText: decimal,
    default: RANGE_DEFAULT_BYTES,
    commands: ["run", "doctor"],
  },
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
