import type * as v from "valibot";
import type { NotecardAddress } from "../notecard/open-port.ts";

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

/** The ways to the cloud. */
export const LINK_KINDS = ["notecard", "iot"] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

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
