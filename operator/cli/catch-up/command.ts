import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { JSON_FLAG, WHERE_FLAGS } from "../where.ts";
import type { CatchUpFlags } from "./flags.ts";

export const catchUpCommand = buildCommand<CatchUpFlags, [], CliContext>({
  loader: async () => (await import("./run.ts")).runCatchUp,
  parameters: {
    flags: {
      since: {
        kind: "parsed",
        parse: parseDate,
        optional: true,
        placeholder: "date",
        brief: "From when on; without it, all that Notehub still has",
      },
      ...WHERE_FLAGS,
      ...JSON_FLAG,
    },
  },
  docs: {
    brief: "Record receipts that Notehub could not deliver",
    fullDescription:
      "Reads Notehub's events and gives the receipts to the recorder once more. What is recorded already changes nothing.",
  },
});

function parseDate(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime()))
    throw new Error("expected a date, such as 2026-11-28 or 2026-11-28T12:00Z");
  return date;
}
