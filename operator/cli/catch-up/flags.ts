import type { WithJson } from "../where.ts";

export type CatchUpFlags = WithJson & { since: Date | undefined };
