import { buildCommand } from "@stricli/core";
import { proposeSubjects } from "../completion/proposals.ts";
import type { CliContext } from "../context.ts";
import { parseLimit } from "../limit.ts";
import { JSON_FLAG, WHERE_FLAGS } from "../where.ts";
import type { StatusFlags } from "./flags.ts";

export const statusCommand = buildCommand<StatusFlags, [what?: string], CliContext>({
  loader: async () => (await import("./run.ts")).runStatus,
  parameters: {
    flags: {
      watch: {
        kind: "boolean",
        brief: "Show it again whenever it changes",
        optional: true,
        withNegated: false,
      },
      limit: { kind: "parsed", parse: parseLimit, brief: "Most lines of a list", default: "50" },
      ...WHERE_FLAGS,
      ...JSON_FLAG,
    },
    aliases: { w: "watch" },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          placeholder: "key|device|fleet",
          brief: "Of a file, a device or a fleet; without one, what is in trouble",
          optional: true,
          proposeCompletions: proposeSubjects,
        },
      ],
    },
  },
  docs: {
    brief: "Show which device has which version, and why not",
    fullDescription:
      "Of a device: each file, its state and the reason. Of a file: how many devices have it in which state, and which. Of a fleet: how far each of its devices is with what it was told. Without one: what somebody should look at, newest first; --json without one answers another question: all devices, with all their files.",
  },
});
