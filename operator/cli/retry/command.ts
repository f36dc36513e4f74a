import { buildCommand } from "@stricli/core";
import { proposeDevices, proposePaths } from "../completion/proposals.ts";
import type { CliContext } from "../context.ts";
import { JSON_FLAG, WHERE_FLAGS, type WithJson } from "../where.ts";

export const retryCommand = buildCommand<WithJson, [device: string, path: string], CliContext>({
  loader: async () => (await import("./run.ts")).runRetry,
  parameters: {
    flags: { ...WHERE_FLAGS, ...JSON_FLAG },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, placeholder: "device", brief: "dev:…", proposeCompletions: proposeDevices },
        {
          parse: String,
          placeholder: "path",
          brief: "A path on the device, or the key of a file",
          proposeCompletions: proposePaths,
        },
      ],
    },
  },
  docs: {
    brief: "Have a device try a version once more",
    fullDescription:
      "Announces the version that the device was told of last once more: it is tried from the start, also if the device had taken it back.",
  },
});
