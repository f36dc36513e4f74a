import type { WithJson } from "../where.ts";

export type StatusFlags = WithJson & { watch: boolean | undefined; limit: number };
