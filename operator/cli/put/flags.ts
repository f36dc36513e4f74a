import type { Target } from "../../../protocol/target.ts";
import type { WithJson } from "../where.ts";

export type PutFlags = WithJson & {
  to: Target | undefined;
  as: string | undefined;
  /** Percent. */
  share: number | undefined;
  dryRun: boolean | undefined;
};
