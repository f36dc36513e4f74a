import { buildCommand } from "@stricli/core";
import { proposePastKeys } from "../completion/proposals.ts";
import type { CliContext } from "../context.ts";
import { DRY_RUN_FLAG, JSON_FLAG, WHERE_FLAGS } from "../where.ts";
import type { RollbackFlags } from "./flags.ts";

export const rollbackCommand = buildCommand<RollbackFlags, [key: string], CliContext>({
  loader: async () => (await import("./run.ts")).runRollback,
  parameters: {
    flags: {
      to: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "n",
        brief:
          "Which: its number or id in history, or how the id begins (the newest that differs from the current one)",
      },
      ...DRY_RUN_FLAG,
      ...WHERE_FLAGS,
      ...JSON_FLAG,
    },
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
  docs: {
    brief: "Copy an older version of a file over it",
    fullDescription:
      "Copies an older version of a file over it, within S3. It is announced as any upload is; the version that it replaces stays in the history.",
  },
});
