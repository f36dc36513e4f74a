import * as v from "valibot";
import { CHUNK_MAX_BYTES } from "../../protocol/limits.ts";
import { FETCH_WAYS } from "../link/notecard/doors/choose-door.ts";
import { parseNotecardAddress } from "../notecard/open-port.ts";

const HUB_MODES = ["continuous", "periodic", "minimum", "off"] as const;
export type HubMode = (typeof HUB_MODES)[number];

const seconds = (least: number, most: number) => {
  const message = `is no number of seconds from ${least} to ${most}`;
  return v.pipe(
    v.number(message),
    v.minValue(least, message),
    v.maxValue(most, message),
    v.transform((value) => value * 1000),
  );
};
const text = v.pipe(v.string("is no text"), v.nonEmpty("is empty"));
const chunkSizeMessage = `is no whole number from 1 to ${CHUNK_MAX_BYTES}`;

/** What each setting may be, whether it comes by flag or by file. */
export const settingSchemas = {
  notecard: v.pipe(
    v.string("is no text"),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      const address = parseNotecardAddress(value);
      if (address !== undefined) return { address, text: value };
      addIssue({
        message:
          "is neither tcp://host:port (or tcp://host:port?pace=uart) nor serial:/dev/… nor i2c:<bus> nor a device's path",
      });
      return NEVER;
    }),
  ),
  root: text,
  state: text,
  route: text,
  product: text,
  mode: v.picklist(HUB_MODES, `is none of ${HUB_MODES.join(", ")}`),
  fetch: v.picklist(FETCH_WAYS, `is none of ${FETCH_WAYS.join(", ")}`),
  chunkSize: v.pipe(
    v.number(chunkSizeMessage),
    v.integer(chunkSizeMessage),
    v.minValue(1, chunkSizeMessage),
    v.maxValue(CHUNK_MAX_BYTES, chunkSizeMessage),
  ),
  poll: seconds(0.01, 3600),
  retryPause: seconds(0, 3600),
  rest: seconds(0.01, 86_400),
  connect: seconds(0, 3600),
};

/** Given to the system as it is: there is no shell. */
const NO_ARGUMENT = "has a zero byte, which no program can be given";

function isArgument(value: string): boolean {
  return !value.includes("\0");
}

const commandSchema = v.tupleWithRest(
  [v.pipe(text, v.check(isArgument, NO_ARGUMENT))],
  v.pipe(v.string("is no text"), v.check(isArgument, NO_ARGUMENT)),
  "is no list of a program and its arguments",
);

/** A program that writes a line each time the ATTN pin rises. */
export const attnCommandSchema = commandSchema;

/** A program to run after an installation. */
export const runRuleSchema = v.strictObject(
  {
    match: text,
    command: commandSchema,
    /** How long it is watched. */
    seconds: v.optional(v.pipe(v.number("is no number"), v.minValue(0), v.maxValue(3600)), 10),
  },
  "is not known",
);
