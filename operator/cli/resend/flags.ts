import type { WithJson } from "../where.ts";

export type ResendFlags = WithJson & { dryRun: boolean | undefined };
