import type { Where } from "../cloud/find-deployment.ts";

/** The flags of every command that needs a deployment; `satisfies` would lose the literals that the parser's types go by. */
export const WHERE_FLAGS = {
  local: {
    kind: "boolean",
    brief: "The stack that npm start runs on this machine",
    optional: true,
    withNegated: false,
  },
  data: {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "dir",
    brief: "Its data folder (.noteferry)",
  },
  stage: {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "name",
    brief: "The stack Noteferry-<name> in AWS",
  },
} as const;

export const JSON_FLAG = {
  json: { kind: "boolean", brief: "Print JSON", optional: true, withNegated: false },
} as const;

export const DRY_RUN_FLAG = {
  dryRun: {
    kind: "boolean",
    brief: "Say what would be done, and do nothing",
    optional: true,
    withNegated: false,
  },
} as const;

export type WithJson = Where & { json: boolean | undefined };
