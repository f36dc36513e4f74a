import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { JSON_FLAG, WHERE_FLAGS, type WithJson } from "../where.ts";

export const doctorCommand = buildCommand<WithJson, [], CliContext>({
  loader: async () => (await import("./run.ts")).runDoctor,
  parameters: { flags: { ...WHERE_FLAGS, ...JSON_FLAG } },
  docs: {
    brief: "Say what is wrong with the deployment, and what to do about it",
    fullDescription:
      "Checks credentials, stack, bucket, tokens, Notehub routes, dead letters and alarms. Changes nothing. Exits with 1 if something is wrong.",
  },
});
