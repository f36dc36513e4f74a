import path from "node:path";
import * as v from "valibot";
import { ControlError } from "../control/control-error.ts";
import { NotehubFault, RouteFaultBody, SerialFaultBody } from "../control/fault-schemas.ts";
import { type FaultSchema, kindOf, parseFault } from "../control/parse-fault.ts";
import { FlagError, readArguments } from "../host/command-line/flags.ts";

/** Where faults can be put in force, with what can be wrong there. */
export const PLACES: Readonly<Record<string, FaultSchema>> = {
  notehub: NotehubFault,
  serial: SerialFaultBody,
  route: RouteFaultBody,
};

/** Members of a fault that are flags, since they say which requests it meets; the others follow its kind in order. */
export const SCOPE = ["calls", "method", "path", "requests", "device"];

const FLAGS = {
  data: { type: "string", default: ".noteferry" },
  calls: { type: "string" },
  method: { type: "string" },
  path: { type: "string" },
  requests: { type: "string" },
  device: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** What a person wants done. */
export type Command =
  | { do: "inject"; place: string; fault: unknown }
  | { do: "clear"; places: string[] }
  | { do: "kill"; name: string }
  | { do: "calls" }
  | { do: "events" };

/**
 * @returns undefined when only help was asked for.
 * @throws {FlagError}
 */
export function parseArguments(
  args: readonly string[],
  cwd: string,
): { dataDir: string; command: Command } | undefined {
  const { values, positionals } = readArguments(args, FLAGS);
  if (values.help === true) return undefined;
  const given = SCOPE.flatMap((name) => {
    const value = values[name as "calls"];
    return value === undefined ? [] : [[name, value] as const];
  });
  const [what = "", ...rest] = positionals;
  const isFault = Object.hasOwn(PLACES, what);
  if (!isFault && given[0] !== undefined) throw new FlagError(`--${given[0][0]} goes with a fault`);
  const command = isFault ? readFault(what, rest, given) : readCommand(what, rest);
  return { dataDir: path.resolve(cwd, values.data), command };
}

function readCommand(what: string, [first, ...more]: string[]): Command {
  const places = Object.keys(PLACES);
  if (more[0] !== undefined) throw new FlagError(`${what} has no use for ${more[0]}`);
  switch (what) {
    case "clear":
      if (first !== undefined && !places.includes(first)) {
        throw new FlagError(`clear takes ${places.join(", ")} or nothing, not ${first}`);
      }
      return { do: "clear", places: first === undefined ? places : [first] };
    case "kill":
      if (first === undefined) throw new FlagError("kill takes the name of a function");
      return { do: "kill", name: first };
    case "calls":
    case "events":
      if (first !== undefined) throw new FlagError(`${what} has no use for ${first}`);
      return { do: what };
    default:
      throw new FlagError(what === "" ? "say what is to be done" : `there is no ${what}`);
  }
}

function readFault(
  place: string,
  [kind = "", ...given]: string[],
  scope: (readonly [string, string])[],
): Command {
  const schema = PLACES[place] ?? NotehubFault;
  const entries: v.ObjectEntries = schema.options.find((option) => kindOf(option) === kind)?.entries ?? {};
  const names = Object.keys(entries).filter((name) => name !== "kind" && !SCOPE.includes(name));
  const extra = given[names.length];
  if (extra !== undefined && Object.keys(entries).length > 0) {
    throw new FlagError(`${place} ${kind} has no use for ${extra}`);
  }
  const named = names.flatMap((name, index) => {
    const text = given[index];
    return text === undefined ? [] : [[name, text] as const];
  });
  const members = [...named, ...scope].map(
    ([name, text]) => [name, numberOrText(entries[name], text)] as const,
  );
  const fault = { kind, ...Object.fromEntries(members) };
  try {
    return { do: "inject", place, fault: parseFault(schema, fault) };
  } catch (cause) {
    if (!(cause instanceof ControlError)) throw cause;
    throw new FlagError(`${place}: ${cause.message}`, { cause });
  }
}

/** A number where one is meant: `503` is a status in one place and a text in another. */
function numberOrText(schema: v.ObjectEntries[string] | undefined, text: string): unknown {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  return schema !== undefined && v.is(schema, number) ? number : text;
}
