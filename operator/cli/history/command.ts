import { buildCommand } from "@stricli/core";
import { proposePastKeys } from "../completion/proposals.ts";
import type { CliContext } from "../context.ts";
import { JSON_FLAG, WHERE_FLAGS, type WithJson } from "../where.ts";

export const historyCommand = buildCommand<WithJson, [key: string], CliContext>({
  loader: async () => (await import("./run.ts")).runHistory,
  parameters: {
    flags: { ...WHERE_FLAGS, ...JSON_FLAG },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          placeholder: "key",
          brief: "A file of the bucket",
          proposeCompletions: proposePastKeys,
        },
      ],
    },
  },
  docs: { brief: "List the versions of a file, newest first" },
});
