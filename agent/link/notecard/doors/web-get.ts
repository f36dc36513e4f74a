import type { Notecard } from "../../../notecard/notecard.ts";
import type { Reply } from "../../../notecard/reply.ts";
import { FetchFailed } from "../../fetch-failed.ts";
import { failureOfTransaction } from "../read-failure.ts";
import type { SizeControl } from "./chunk-size.ts";
import type { DoorOptions } from "./door.ts";

/** A repeat waits as long as the request did: the delivery has patience of its own. */
const RETRIES = 1;

/** What differs between the doors' requests. */
export type WebGetFields = { name: string; content: string; binary?: true; offset?: number; max?: number };

/** @throws what the Notecard throws. */
export function webGet(
  notecard: Notecard,
  { route, seconds }: DoorOptions,
  fields: WebGetFields,
): Promise<Reply> {
  return notecard.request({ req: "web.get", route, ...fields, seconds }, { retries: RETRIES });
}

/**
 * Makes one fetch, and lets the size of the next follow from how it went.
 *
 * @throws {FetchFailed}, or what does not concern the fetch.
 */
export async function fetchInSize(control: SizeControl, fetch: () => Promise<Buffer>): Promise<Buffer> {
  try {
    const bytes = await fetch();
    control.succeeded();
    return bytes;
  } catch (error) {
    const failure = error instanceof FetchFailed ? error : failureOfTransaction(error);
    if (failure?.reason === "timeout" || failure?.reason === "too-big") control.tooSlow();
    throw failure ?? error;
  }
}
