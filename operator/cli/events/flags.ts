import type { WithJson } from "../where.ts";

export type EventsFlags = WithJson & { limit: number };
