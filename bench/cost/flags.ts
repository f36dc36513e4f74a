import { readFlags, wholeNumber } from "../../local/host/command-line/flags.ts";
import { NOTEHUB_LIMITS } from "./prices.ts";

/** What the costs are asked for. */
export type CostFlags = {
  devices: number;
  /** Changed in each update. */
  files: number;
  /** A year. */
  updates: number;
  limits: { perMinute: number; perDay: number };
  json: boolean;
};

export const USAGE = `npm run cost -- [flags]

  --devices <n>           devices of the fleet                       (1000)
  --files <n>             files that an update changes               (30)
  --updates <n>           updates in a year                          (52)
  --calls-per-minute <n>  calls that Notehub's API takes in a minute (${NOTEHUB_LIMITS.perMinute})
  --calls-per-day <n>     and in a day                               (${NOTEHUB_LIMITS.perDay})
  --json
  --help`;

const OPTIONS = {
  devices: { type: "string", default: "1000" },
  files: { type: "string", default: "30" },
  updates: { type: "string", default: "52" },
  "calls-per-minute": { type: "string", default: String(NOTEHUB_LIMITS.perMinute) },
  "calls-per-day": { type: "string", default: String(NOTEHUB_LIMITS.perDay) },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h" },
} as const;

/** A manifest names no more. [NF-11.1] */
const FILES_MAX = 2_000;
const MANY = 1_000_000;

/**
 * @returns undefined when only help was asked for.
 * @throws {FlagError} that names the flag.
 */
export function parseCostFlags(args: readonly string[]): CostFlags | undefined {
  const values = readFlags(args, OPTIONS);
  if (values.help === true) return undefined;
  return {
    devices: wholeNumber("devices", values.devices, 1, MANY),
    files: wholeNumber("files", values.files, 1, FILES_MAX),
    updates: wholeNumber("updates", values.updates, 1, MANY),
    limits: {
      perMinute: wholeNumber("calls-per-minute", values["calls-per-minute"], 1, MANY),
      perDay: wholeNumber("calls-per-day", values["calls-per-day"], 1, MANY),
    },
    json: values.json,
  };
}
