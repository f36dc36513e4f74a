import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { JSON_FLAG, WHERE_FLAGS, type WithJson } from "../where.ts";

export const sweepCommand = buildCommand<WithJson, [], CliContext>({
  loader: async () => (await import("./run.ts")).runSweep,
  parameters: { flags: { ...WHERE_FLAGS, ...JSON_FLAG } },
  docs: {
    brief: "Have the bucket compared with what fleets were told",
    fullDescription:
      "Asks the notifier to compare the bucket with what fleets were told, as it does once a day, and to announce what differs: for what an event that was lost should have told.",
  },
});
