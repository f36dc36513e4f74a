import type { WithJson } from "../where.ts";

/** `wait` in seconds. */
export type ShareFlags = WithJson & { wait: number };
