import * as v from "valibot";
import { isStage } from "../../protocol/stack-name.ts";
import { parseTarget } from "../../protocol/target.ts";
import { type NotecardAddress, parseNotecardAddress } from "../notecard/open-port.ts";

/** Has a value become members of what the commands are given; `members` names them, with their unit. */
export function into<Schema extends v.GenericSchema, Members extends object>(
  schema: Schema,
  members: (value: v.InferOutput<Schema>) => Members,
) {
  return v.pipe(schema, v.transform(members));
}

/** Anything but nothing. */
export const text = v.pipe(v.string("is no text"), v.nonEmpty("is empty"));

export function oneOf<const Words extends readonly string[]>(words: Words) {
  return v.picklist(words, `is none of ${words.join(", ")}`);
}

/** As a deployment has it: its variables are told apart by it. [NF-11.5] */
export const stageName = v.pipe(
  v.string("is no text"),
  v.check(isStage, "is no name of a stage: at most 32 letters, digits and hyphens, beginning with a letter"),
);

/** Seconds from `least` to `most`, as milliseconds. */
export function seconds(least: number, most: number) {
  const message = `is no number of seconds from ${least} to ${most}`;
  return v.pipe(
    v.number(message),
    v.minValue(least, message),
    v.maxValue(most, message),
    v.transform((value) => value * 1000),
  );
}

export function wholeNumber(least: number, most: number) {
  const message = `is no whole number from ${least} to ${most}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message));
}

/** Where a Notecard is, and how the person wrote it. */
export const notecardAddress = v.pipe(
  v.string("is no text"),
  v.rawTransform<string, { address: NotecardAddress; text: string }>(
    ({ dataset: { value }, addIssue, NEVER }) => {
      const address = parseNotecardAddress(value);
      if (address !== undefined) return { address, text: value };
      addIssue({
        message:
          "is neither tcp://host:port (or tcp://host:port?pace=uart) nor serial:/dev/… nor i2c:<bus> nor a device's path",
      });
      return NEVER;
    },
  ),
);

const THING = "is no name of a thing: letters, digits, hyphens, underscores and colons, at most 128";

/** As AWS IoT has it. */
export const thingName = v.pipe(
  v.string("is no text"),
  v.check((name) => parseTarget(`thing:${name}`) !== undefined, THING),
);

const BROKER = "is neither a host nor host:port";
const MQTT_PORT = 8883;

/** Where a broker is. */
export const brokerAddress = v.pipe(
  v.string("is no text"),
  v.regex(/^(?:\[[0-9a-fA-F:.]+\]|[^\s:/?#@[\]]+)(?::[0-9]{1,5})?$/, BROKER),
  v.transform((address) => {
    const [, host = "", port = MQTT_PORT] = /^\[?(.*?)\]?(?::([0-9]+))?$/.exec(address) ?? [];
    return { host, port: Number(port) };
  }),
  v.check(({ port }) => port > 0 && port < 65_536, BROKER),
);

/** The system takes an argument as it is, since there is no shell, and only up to a zero byte. */
const withoutZero = v.check(
  (argument: string) => !argument.includes("\0"),
  "has a zero byte, which no program can be given",
);

/** A program and its arguments. */
export const commandLine = v.tupleWithRest(
  [v.pipe(text, withoutZero)],
  v.pipe(v.string("is no text"), withoutZero),
  "is no list of a program and its arguments",
);

const WATCH = "is no number of seconds from 0 to 3600";
const secondsToWatch = v.pipe(v.number(WATCH), v.minValue(0, WATCH), v.maxValue(3600, WATCH));

const RESTART = "is neither true nor a number of seconds from 0.01 to 3600";
const DEFAULT_RESTART_SECONDS = 1;

/** Whether, or after how many seconds, a program that fails later is started again. */
const restart = v.union(
  [
    v.pipe(
      v.boolean(),
      v.transform((wanted) => (wanted ? DEFAULT_RESTART_SECONDS : undefined)),
    ),
    v.pipe(v.number(), v.minValue(0.01), v.maxValue(3600)),
  ],
  RESTART,
);

const USER = "is no name of a user";

/** What follows a dash would be taken for a flag by the programs that look users up. */
const userName = v.pipe(v.string(USER), v.regex(/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/, USER));

/** Programs to run after installations. */
export const runRules = v.array(
  v.strictObject(
    {
      match: text,
      command: commandLine,
      /** How long the program is watched. */
      seconds: v.optional(secondsToWatch, 10),
      restart: v.optional(restart),
      /** The user that it runs as. */
      user: v.optional(userName),
    },
    ({ expected, received }) => {
      if (expected === "never") return "is not known";
      return received === "undefined" ? "is missing" : "is no object";
    },
  ),
  "is no list",
);

/** A flag's number, in plain decimals only: `Number` would take an empty text for 0. */
export function decimal(text: string): number {
  return /^[0-9]+(?:\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
}
