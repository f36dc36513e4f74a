import { buildCommand } from "@stricli/core";
import { proposeDevices } from "../completion/proposals.ts";
import type { CliContext } from "../context.ts";
import { parseLimit } from "../limit.ts";
import { JSON_FLAG, WHERE_FLAGS } from "../where.ts";
import type { EventsFlags } from "./flags.ts";

export const eventsCommand = buildCommand<EventsFlags, [device: string], CliContext>({
  loader: async () => (await import("./run.ts")).runEvents,
  parameters: {
    flags: {
      limit: { kind: "parsed", parse: parseLimit, brief: "Most events", default: "50" },
      ...WHERE_FLAGS,
      ...JSON_FLAG,
    },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, placeholder: "device", brief: "dev:…", proposeCompletions: proposeDevices },
      ],
    },
  },
  docs: { brief: "List what a device said in the last 90 days, newest first" },
});
