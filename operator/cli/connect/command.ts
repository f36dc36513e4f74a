import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { DRY_RUN_FLAG, JSON_FLAG, WHERE_FLAGS } from "../where.ts";
import type { ConnectFlags } from "./flags.ts";

export const connectCommand = buildCommand<ConnectFlags, [], CliContext>({
  loader: async () => (await import("./run.ts")).runConnect,
  parameters: {
    flags: {
      ...DRY_RUN_FLAG,
      sample: {
        kind: "boolean",
        brief: "Also the route for hosts of the Python File Downloader sample",
        optional: true,
        withNegated: false,
      },
      ...WHERE_FLAGS,
      ...JSON_FLAG,
    },
  },
  docs: {
    brief: "Make the Notehub routes that the devices need, or mend them",
    fullDescription:
      "Makes the routes of the Notehub project, or mends those that are there: alias, URL, and the header with the token. What is right already is left alone. Uses the token of the deployment's Notehub secret.",
  },
});
