import { NotecardError } from "../../notecard/notecard-error.ts";

/** Undefined where the Notecard refuses: what was asked is a convenience. */
export async function unlessRefused<Result>(reply: Promise<Result>): Promise<Result | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof NotecardError) return undefined;
    throw error;
  }
}
