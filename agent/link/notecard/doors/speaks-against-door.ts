import { NotecardError } from "../../../notecard/notecard-error.ts";
import type { FetchFailed } from "../../fetch-failed.ts";
import { isUnexplained } from "../read-failure.ts";

/**
 * What a failure says of the door it came through, rather than of the server, the network or the file.
 * `refused`: the Notecard does not do this. `strange`: what answered is not the file-server's door, which costs little to find out.
 * `damaged`: bytes came and could not be used, or nobody knows why they did not come.
 */
export type Evidence = "refused" | "strange" | "damaged";

/** @returns undefined if it says nothing of the door. */
export function evidenceOf(failure: FetchFailed, hasServed: boolean): Evidence | undefined {
  const byNotecard = failure.cause instanceof NotecardError;
  switch (failure.reason) {
    case "rejected":
      return byNotecard ? "refused" : "strange";
    case "route":
      return byNotecard ? undefined : "strange"; // Notehub has no such route, for no door
    case "damaged":
      return "damaged";
    default:
      return !hasServed && isUnexplained(failure) ? "damaged" : undefined;
  }
}
