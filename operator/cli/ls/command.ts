import { buildCommand } from "@stricli/core";
import { proposeKeys } from "../completion/proposals.ts";
import type { CliContext } from "../context.ts";
import { JSON_FLAG, WHERE_FLAGS, type WithJson } from "../where.ts";

export const lsCommand = buildCommand<WithJson, [prefix?: string], CliContext>({
  loader: async () => (await import("./run.ts")).runLs,
  parameters: {
    flags: { ...WHERE_FLAGS, ...JSON_FLAG },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          optional: true,
          placeholder: "prefix",
          brief: "How the keys begin",
          proposeCompletions: proposeKeys,
        },
      ],
    },
  },
  docs: { brief: "List the files of the bucket: key, size, time, who gets it" },
});
