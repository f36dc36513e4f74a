import type { WithJson } from "../where.ts";

export type RedriveFlags = WithJson & { dryRun: boolean | undefined };
