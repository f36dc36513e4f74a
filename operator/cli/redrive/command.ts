import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { parseSeconds } from "../seconds.ts";
import { DRY_RUN_FLAG, JSON_FLAG, WHERE_FLAGS } from "../where.ts";
import type { RedriveFlags } from "./flags.ts";

export const redriveCommand = buildCommand<RedriveFlags, [], CliContext>({
  loader: async () => (await import("./run.ts")).runRedrive,
  parameters: {
    flags: {
      wait: {
        kind: "parsed",
        parse: parseSeconds,
        brief: "Seconds to watch what becomes of them; 0 does not",
        placeholder: "seconds",
        default: "60",
      },
      ...DRY_RUN_FLAG,
      ...WHERE_FLAGS,
      ...JSON_FLAG,
    },
  },
  docs: {
    brief: "Have what could not be announced, or recorded of things, tried again",
    fullDescription:
      "Moves the dead letters back to the notifier's queue, and watches what becomes of them; and receipts of things that could not be recorded to the recorder's. Mend first what sent them there: --dry-run names them and says why. Exits with 1 if some come back.",
  },
});
