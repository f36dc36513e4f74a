import type { WithJson } from "../where.ts";

export type RmFlags = WithJson & { yes: boolean | undefined };
