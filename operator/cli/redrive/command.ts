import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { DRY_RUN_FLAG, JSON_FLAG, WHERE_FLAGS } from "../where.ts";
import type { RedriveFlags } from "./flags.ts";

export const redriveCommand = buildCommand<RedriveFlags, [], CliContext>({
  loader: async () => (await import("./run.ts")).runRedrive,
  parameters: { flags: { ...DRY_RUN_FLAG, ...WHERE_FLAGS, ...JSON_FLAG } },
  docs: {
    brief: "Have what could not be announced tried again",
    fullDescription:
      "Moves the dead letters back to the notifier's queue. Mend first what sent them there: the notifier's log says what it was.",
  },
});
