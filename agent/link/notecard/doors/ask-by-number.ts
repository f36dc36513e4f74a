import { formatChunkRequest } from "../../../../protocol/chunk-request.ts";
import type { Notecard } from "../../../notecard/notecard.ts";
import { FetchFailed } from "../../fetch-failed.ts";
import type { Fetchable } from "../../link.ts";
import { failureOfTransaction } from "../read-failure.ts";
import type { DoorOptions } from "./door.ts";
import { readWebChunk } from "./web-chunk.ts";
import { webGet } from "./web-get.ts";

/** In chunks of this size a file has as many as it has bytes, so that the reply tells its size too. */
const ONE_BYTE = 1;

/**
 * What the file-server says of a version at the JSON door, whose errors every Notecard shows: a status alone, which a stranger may
 * have given, discards nothing. It costs one byte of file.
 *
 * @returns `route` if the server has the file, or if its word cannot be had.
 * @throws what does not concern the fetch.
 */
export async function askByNumber(
  notecard: Notecard,
  options: DoorOptions,
  file: Fetchable,
): Promise<FetchFailed> {
  const name = formatChunkRequest({ ...file, chunk: 1, size: ONE_BYTE });
  try {
    const reply = await webGet(notecard, options, { name, content: "application/json" });
    readWebChunk(reply, file, 1, ONE_BYTE);
    return new FetchFailed("route", "the file is there by number, but not by range");
  } catch (error) {
    const failure = error instanceof FetchFailed ? error : failureOfTransaction(error);
    if (failure === undefined) throw error;
    if (failure.reason !== "damaged") return failure;
    return new FetchFailed(
      "route",
      `what is said of the file is not the file-server's word: ${failure.message}`,
    );
  }
}
