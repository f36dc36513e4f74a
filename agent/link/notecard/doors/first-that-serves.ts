import { FetchFailed } from "../../fetch-failed.ts";
import { isUnexplained } from "../read-failure.ts";
import type { Door } from "./door.ts";

/** Failures in a row that speak against a door, rather than against one reply. */
const MAX_DOUBTS = 3;

/**
 * One door of several. Goes on to the next, for good, when one turns out not to be served: the range form is the less
 * documented one, and `binary` newer than many a firmware. One that has served is not left for a single refusal.
 *
 * @param doors the preferred first
 */
export function firstThatServes([first, ...others]: readonly [Door, ...Door[]]): Door {
  let door = first;
  let hasServed = false;
  let doubts = 0;

  function speaksAgainstDoor(failure: FetchFailed): boolean {
    if (failure.reason === "rejected" && !hasServed) return true;
    const doubtful =
      failure.reason === "damaged" || failure.reason === "rejected" || (!hasServed && isUnexplained(failure));
    doubts = doubtful ? doubts + 1 : 0;
    return doubts >= MAX_DOUBTS;
  }

  return {
    chunkBytes: () => door.chunkBytes(),
    async fetch(file, offset) {
      for (;;) {
        try {
          const bytes = await door.fetch(file, offset);
          hasServed = true;
          doubts = 0;
          return bytes;
        } catch (error) {
          if (!(error instanceof FetchFailed)) throw error;
          if (!speaksAgainstDoor(error)) {
            // A rejection would end the delivery, so the door is asked again first, at most twice.
            if (error.reason === "rejected") continue;
            throw error;
          }
          const next = others.shift();
          if (next === undefined) throw error;
          door = next;
          hasServed = false;
          doubts = 0;
        }
      }
    },
  };
}
