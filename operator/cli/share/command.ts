import { buildCommand } from "@stricli/core";
import { proposeKeys } from "../completion/proposals.ts";
import type { CliContext } from "../context.ts";
import { parseSeconds } from "../seconds.ts";
import { JSON_FLAG, WHERE_FLAGS } from "../where.ts";
import type { ShareFlags } from "./flags.ts";
import { readPercent } from "./percent.ts";

export const shareCommand = buildCommand<ShareFlags, [key: string, percent?: number], CliContext>({
  loader: async () => (await import("./run.ts")).runShare,
  parameters: {
    flags: {
      wait: {
        kind: "parsed",
        parse: parseSeconds,
        brief: "Seconds to wait until the notifier has taken it up; 0 does not",
        placeholder: "seconds",
        default: "60",
      },
      ...WHERE_FLAGS,
      ...JSON_FLAG,
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          placeholder: "key",
          brief: "A file of a fleet, or all below a folder that ends in /",
          proposeCompletions: proposeKeys,
        },
        {
          parse: readPercent,
          placeholder: "percent",
          brief: "Such as 10%; without it, what it is",
          optional: true,
        },
      ],
    },
  },
  docs: {
    brief: "Give the newest version of a file to a part of its fleet",
    fullDescription:
      "The devices outside the part have, or keep, the version before. Who is in stays in while the part grows. 100% is the whole fleet.",
  },
});
