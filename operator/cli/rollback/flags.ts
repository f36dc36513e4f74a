import type { WithJson } from "../where.ts";

export type RollbackFlags = WithJson & { to: string | undefined; dryRun: boolean | undefined };
