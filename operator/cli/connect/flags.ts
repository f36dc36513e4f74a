import type { WithJson } from "../where.ts";

export type ConnectFlags = WithJson & { dryRun: boolean | undefined; sample: boolean | undefined };
