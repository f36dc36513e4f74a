import { buildCommand } from "@stricli/core";
import { parseTarget, type Target } from "../../../protocol/target.ts";
import { proposeTargets } from "../completion/proposals.ts";
import type { CliContext } from "../context.ts";
import { readPercent } from "../share/percent.ts";
import { DRY_RUN_FLAG, JSON_FLAG, WHERE_FLAGS } from "../where.ts";
import type { PutFlags } from "./flags.ts";

export const putCommand = buildCommand<PutFlags, [source: string], CliContext>({
  loader: async () => (await import("./run.ts")).runPut,
  parameters: {
    flags: {
      to: {
        kind: "parsed",
        parse: readTarget,
        proposeCompletions: proposeTargets,
        optional: true,
        placeholder: "uid",
        brief: "Who gets it: dev:…, fleet:…, thing:… or thing-group:… (the default target)",
      },
      as: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "path",
        brief:
          'The path on the device (the name of the file or folder); "." puts what is in a folder at the top',
      },
      share: {
        kind: "parsed",
        parse: readPercent,
        optional: true,
        placeholder: "percent",
        brief: "The part of the fleet that gets it, such as 10% (all of it)",
      },
      ...DRY_RUN_FLAG,
      ...WHERE_FLAGS,
      ...JSON_FLAG,
    },
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, placeholder: "file|folder", brief: "What to upload" }],
    },
  },
  docs: {
    brief:
      "Upload a file or a folder for a device, a fleet, a thing, a group of things or the default target",
    fullDescription:
      "Uploads a file or a folder. Of a folder, .git, .DS_Store, Thumbs.db, files that end in ~ and symbolic links stay behind. Every key is checked before anything is sent. Of a folder for a fleet, a thing or a group nothing is announced before all of it is there.",
  },
});

function readTarget(uid: string): Target {
  const target = parseTarget(uid);
  if (target === undefined) throw new Error("it is none of dev:…, fleet:…, thing:… and thing-group:…");
  return target;
}
