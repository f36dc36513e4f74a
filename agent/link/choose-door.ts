import * as v from "valibot";
import { LineError } from "../notecard/line-error.ts";
import type { Notecard } from "../notecard/notecard.ts";
import { NotecardError } from "../notecard/notecard-error.ts";
import { createBinaryDoor } from "./binary-door.ts";
import type { Door, DoorOptions } from "./door.ts";
import { FetchFailed } from "./fetch-failed.ts";
import { createJsonDoor } from "./json-door.ts";
import { createRawDoor } from "./raw-door.ts";

/** `binary`: by range, through the Notecard's buffer. `raw`: by range, as payload. `json`: by number, as base64 in JSON. */
export const FETCH_WAYS = ["auto", "binary", "raw", "json"] as const;
export type FetchWay = (typeof FETCH_WAYS)[number];

/** A buffer below which the binary way is no better than the raw one. */
const USEFUL_BUFFER_BYTES = 16_384;

const BinaryStatus = v.object({ max: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) });

/** The way asked for or, for `auto`, the cheapest that this Notecard and this route can do. */
export async function chooseDoor(
  notecard: Notecard,
  way: FetchWay,
  options: DoorOptions & { chunkSize: number },
): Promise<Door> {
  const json = () => createJsonDoor(notecard, options);
  const raw = () => createRawDoor(notecard, options);
  if (way === "json") return json();
  if (way === "raw") return raw();
  const bufferBytes = await readBufferSize(notecard);
  if (way === "binary")
    return createBinaryDoor(notecard, options, Math.max(bufferBytes, USEFUL_BUFFER_BYTES));
  const binary = bufferBytes >= USEFUL_BUFFER_BYTES ? [createBinaryDoor(notecard, options, bufferBytes)] : [];
  return firstThatServes([...binary, raw(), json()]);
}

/** Bytes that the Notecard's binary buffer holds; 0 for a Notecard without one: it came with firmware 5.3.1. */
async function readBufferSize(notecard: Notecard): Promise<number> {
  try {
    const parsed = v.safeParse(BinaryStatus, await notecard.request({ req: "card.binary" }));
    return parsed.success ? parsed.output.max : 0;
  } catch (error) {
    if (error instanceof NotecardError || error instanceof LineError) return 0;
    throw error;
  }
}

/** Goes on to the next door, for good, when one turns out not to be served: the range form is the less documented one. */
function firstThatServes(doors: readonly Door[]): Door {
  let at = 0;
  const current = (): Door => {
    const door = doors[at];
    if (door === undefined) throw new Error("there is no door");
    return door;
  };
  return {
    chunkBytes: () => current().chunkBytes(),
    async fetch(file, offset) {
      for (;;) {
        try {
          return await current().fetch(file, offset);
        } catch (error) {
          const unserved = error instanceof FetchFailed && error.reason === "rejected";
          if (!unserved || at >= doors.length - 1) throw error;
          at += 1;
        }
      }
    },
  };
}
