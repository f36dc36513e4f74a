import type { WithJson } from "../where.ts";

/** `wait` in seconds. */
export type RedriveFlags = WithJson & { dryRun: boolean | undefined; wait: number };
