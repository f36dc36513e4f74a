import path from "node:path";
import { FETCH_WAYS, type FetchWay } from "../../agent/link/notecard/doors/choose-door.ts";
import { CONSOLE_PORT } from "../../operator/console/console-port.ts";
import { LINK_USAGE, type LinkProfile, linkProfile } from "../blues/notecard/link/profile.ts";
import { FlagError, readFlags, wholeNumber } from "../host/command-line/flags.ts";
import { takenByNpm } from "../host/command-line/npm-flags.ts";
import type { Port } from "../host/loopback/listen-on-loopback.ts";

/** What a person may choose on the command line. Times of the template's queue are divided by `timeScale`. */
export type Flags = {
  dataDir: string;
  deviceRoot: string;
  timeScale: number;
  /** How many there are, each with a Notecard and an agent of its own. */
  devices: number;
  agent: boolean;
  /** The agent's way to fetch; absent: its own choice. */
  fetch?: FetchWay | undefined;
  /** A config file for the agent, with rules of what to run. */
  agentConfig?: string | undefined;
  link: LinkProfile;
  /** Whether AWS IoT runs too. */
  iot?: boolean | undefined;
  /** Settings of the deployment, as `-c` of the CDK's command gives them. */
  context?: Readonly<Record<string, string>> | undefined;
  ports: Ports;
  consolePort?: Port | undefined;
};

/** More than a machine has memory for, at 25 MB each. */
const DEVICES_MAX = 1000;

/** One that a person asked for is that one or an error; another free one is taken, and told, where a default is in use. */
export type Ports = Record<keyof typeof DEFAULT_PORTS, Port>;

export const DEFAULT_PORTS = {
  s3: 4600,
  aws: 4601,
  functionUrl: 4602,
  notehub: 4603,
  notecard: 4604,
  control: 4605,
  recorder: 4606,
  iot: 4608,
} as const;

export const USAGE = `npm start -- [flags]

  --data <dir>            where everything is kept           (.noteferry)
  --devices <n>           so many devices, all in one fleet  (1)
  --device-root <dir>     the files of the first             (<data>/device)
  --time-scale <n>        divide the queue's waiting times   (1)
  --no-agent              start without the devices' agents
  --fetch <way>           the agents' way to fetch: ${FETCH_WAYS.join(" | ")}
  --agent-config <file>   a config file for them, with what to run after an installation
  --link <name>           how each device's link behaves      (none)
                          ${LINK_USAGE}
  --iot                   AWS IoT too, with one thing
  -c <setting>=<value>    a setting of the deployment, as for npm run deploy (docs/DEPLOY.md)
  --s3-port <port>        ${DEFAULT_PORTS.s3}    --aws-port <port>      ${DEFAULT_PORTS.aws}
  --url-port <port>       ${DEFAULT_PORTS.functionUrl}    --notehub-port <port>  ${DEFAULT_PORTS.notehub}
  --notecard-port <port>  ${DEFAULT_PORTS.notecard}    --control-port <port>  ${DEFAULT_PORTS.control}
  --recorder-port <port>  ${DEFAULT_PORTS.recorder}    --console-port <port>  ${CONSOLE_PORT}
  --iot-port <port>       ${DEFAULT_PORTS.iot}
  --help`;

const FLAGS = {
  data: { type: "string", default: ".noteferry" },
  devices: { type: "string", default: "1" },
  "device-root": { type: "string" },
  "time-scale": { type: "string", default: "1" },
  "no-agent": { type: "boolean" },
  fetch: { type: "string" },
  "agent-config": { type: "string" },
  link: { type: "string", default: "none" },
  iot: { type: "boolean" },
  context: { type: "string", short: "c", multiple: true },
  "s3-port": { type: "string" },
  "aws-port": { type: "string" },
  "url-port": { type: "string" },
  "notehub-port": { type: "string" },
  "notecard-port": { type: "string" },
  "control-port": { type: "string" },
  "recorder-port": { type: "string" },
  "iot-port": { type: "string" },
  "console-port": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Settings that say where this very stack is. */
const OF_THE_STACK = "npm start gives this one itself";
const GIVEN_HERE: Readonly<Record<string, string>> = {
  project: OF_THE_STACK,
  product: OF_THE_STACK,
  notehubUrl: OF_THE_STACK,
  iot: "--iot is for that",
};

/**
 * @param env where npm leaves what it took for itself
 * @returns undefined when only help was asked for.
 * @throws {FlagError} that names the flag.
 */
export function parseFlags(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Flags | undefined {
  const [taken] = takenByNpm(Object.keys(FLAGS), env);
  if (taken !== undefined)
    throw new FlagError(
      `npm took --${taken} for a flag of its own: write it after two hyphens, npm start -- --${taken} …`,
    );
  const values = readFlags(args, FLAGS);
  if (values.help === true) return undefined;
  const dataDir = path.resolve(cwd, values.data);
  return {
    dataDir,
    deviceRoot: path.resolve(cwd, values["device-root"] ?? path.join(dataDir, "device")),
    timeScale: wholeNumber("time-scale", values["time-scale"], 1, 100_000),
    devices: wholeNumber("devices", values.devices, 1, DEVICES_MAX),
    agent: values["no-agent"] !== true,
    fetch: values.fetch === undefined ? undefined : fetchWay(values.fetch),
    agentConfig: values["agent-config"] === undefined ? undefined : path.resolve(cwd, values["agent-config"]),
    link: link(values.link),
    iot: values.iot === true,
    context: Object.fromEntries((values.context ?? []).map(setting)),
    ports: {
      s3: port("s3-port", values["s3-port"], DEFAULT_PORTS.s3),
      aws: port("aws-port", values["aws-port"], DEFAULT_PORTS.aws),
      functionUrl: port("url-port", values["url-port"], DEFAULT_PORTS.functionUrl),
      notehub: port("notehub-port", values["notehub-port"], DEFAULT_PORTS.notehub),
      notecard: port("notecard-port", values["notecard-port"], DEFAULT_PORTS.notecard),
      control: port("control-port", values["control-port"], DEFAULT_PORTS.control),
      recorder: port("recorder-port", values["recorder-port"], DEFAULT_PORTS.recorder),
      iot: port("iot-port", values["iot-port"], DEFAULT_PORTS.iot),
    },
    consolePort: port("console-port", values["console-port"], CONSOLE_PORT),
  };
}

function setting(text: string): [name: string, value: string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new FlagError(`-c takes a setting and its value, as in -c prune=true, not ${text}`);
  const instead = GIVEN_HERE[name];
  if (instead !== undefined) throw new FlagError(`-c ${name}: ${instead}`);
  return [name, value];
}

function fetchWay(text: string): FetchWay {
  const way = FETCH_WAYS.find((each) => each === text);
  if (way === undefined) throw new FlagError(`--fetch takes ${FETCH_WAYS.join(", ")}, not ${text}`);
  return way;
}

function link(text: string): LinkProfile {
  try {
    return linkProfile(text);
  } catch (cause) {
    throw new FlagError(`--link: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function port(flag: string, text: string | undefined, preset: number): Port {
  return text === undefined ? { preferred: preset } : wholeNumber(flag, text, 0, 65_535);
}
