import { buildCommand } from "@stricli/core";
import { proposeDevices } from "../completion/proposals.ts";
import type { CliContext } from "../context.ts";
import { DRY_RUN_FLAG, JSON_FLAG, WHERE_FLAGS } from "../where.ts";
import type { ResendFlags } from "./flags.ts";

export const resendCommand = buildCommand<ResendFlags, [device: string], CliContext>({
  loader: async () => (await import("./run.ts")).runResend,
  parameters: {
    flags: { ...DRY_RUN_FLAG, ...WHERE_FLAGS, ...JSON_FLAG },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          placeholder: "device",
          brief: "dev:…, thing:… or thing-group:…",
          proposeCompletions: proposeDevices,
        },
      ],
    },
  },
  docs: {
    brief: "Announce to a device, or to things, everything that they should have",
    fullDescription:
      "For a device that is new, was wiped or exchanged: its own files, those of its fleets, and those that go to it by default. What it has already costs it no fetch. What a fleet is told by its manifest the device takes by itself. A thing of AWS IoT, or a group of them, is told by a new job.",
  },
});
