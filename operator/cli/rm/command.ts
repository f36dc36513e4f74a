import { buildCommand } from "@stricli/core";
import { proposeKeys } from "../completion/proposals.ts";
import type { CliContext } from "../context.ts";
import { JSON_FLAG, WHERE_FLAGS } from "../where.ts";
import type { RmFlags } from "./flags.ts";

export const rmCommand = buildCommand<RmFlags, string[], CliContext>({
  loader: async () => (await import("./run.ts")).runRm,
  parameters: {
    flags: {
      yes: { kind: "boolean", brief: "Do not ask", optional: true, withNegated: false },
      ...WHERE_FLAGS,
      ...JSON_FLAG,
    },
    aliases: { y: "yes" },
    positional: {
      kind: "array",
      minimum: 1,
      parameter: {
        parse: String,
        placeholder: "key",
        brief: "Files of the bucket",
        proposeCompletions: proposeKeys,
      },
    },
  },
  docs: {
    brief: "Delete files from the bucket",
    fullDescription:
      "Deletes files from the bucket. The devices keep what they have, but those of a fleet if the deployment has the setting prune; and the versions stay: noteferry rollback brings a file back.",
  },
});
