import { buildCommand } from "@stricli/core";
import { proposePastKeys } from "../completion/proposals.ts";
import type { CliContext } from "../context.ts";
import { JSON_FLAG, WHERE_FLAGS } from "../where.ts";
import type { LinkFlags } from "./flags.ts";
import { parseExpires } from "./parse-expires.ts";

export const linkCommand = buildCommand<LinkFlags, [key: string], CliContext>({
  loader: async () => (await import("./run.ts")).runLink,
  parameters: {
    flags: {
      version: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "n",
        brief: "Open this version, current or not: its number or id in history, or how the id begins",
      },
      s3: {
        kind: "boolean",
        brief: "A presigned URL of S3, which is longer and ends by itself",
        optional: true,
        withNegated: false,
      },
      expires: {
        kind: "parsed",
        parse: parseExpires,
        optional: true,
        placeholder: "time",
        brief: "With --s3: for how long, such as 15m, 12h or 7d, which is the longest (1h)",
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
          brief: "A file of the bucket",
          proposeCompletions: proposePastKeys,
        },
      ],
    },
  },
  docs: {
    brief: "Print an address that opens one file to anybody",
    fullDescription:
      "Prints an address by which anybody may fetch a file, without a header and by ranges: for a device that speaks HTTPS itself. Without --version it opens what the key holds now, and no longer than it does.",
  },
});
