import type { Database } from "./database.ts";

/**
 * Numbers that only grow, over restarts and clocks set back too. They start from the clock, so that they grow even over a
 * data folder that was deleted: a consumer of events may remember older ones.
 */
export function openSequence(db: Database, now: () => number): () => number {
  const advance = db.prepare("UPDATE sequence SET value = max(value + 1, ?) RETURNING value");
  return () => Number(advance.get(now() * 1000)?.value); // microseconds stay exact for two centuries
}
