import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { DRY_RUN_FLAG, WHERE_FLAGS } from "../where.ts";
import type { DestroyFlags } from "./flags.ts";

export const destroyCommand = buildCommand<DestroyFlags, [], CliContext>({
  loader: async () => (await import("./run.ts")).runDestroy,
  parameters: {
    flags: {
      stage: WHERE_FLAGS.stage,
      yes: { kind: "boolean", brief: "Do not ask", optional: true, withNegated: false },
      ...DRY_RUN_FLAG,
    },
    aliases: { y: "yes" },
  },
  docs: {
    brief: "Delete a deployment from AWS",
    fullDescription:
      "Deletes the stack: functions, queues, secrets, logs, alarms. The buckets and the delivery table stay, with all that is in them: it says which those are, and how to remove them, or take them into a new deployment. It takes no settings. Devices keep their files. What npm start keeps is a folder: delete that.",
  },
});
