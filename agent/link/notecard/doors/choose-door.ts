import * as v from "valibot";
import { LineError } from "../../../notecard/line-error.ts";
import type { Notecard } from "../../../notecard/notecard.ts";
import { NotecardError } from "../../../notecard/notecard-error.ts";
import { createBinaryDoor } from "./binary-door.ts";
import type { Door, DoorOptions } from "./door.ts";
import { firstThatServes } from "./first-that-serves.ts";
import { createJsonDoor } from "./json-door.ts";
import { createRawDoor } from "./raw-door.ts";

/** `binary`: by range, through the Notecard's buffer. `raw`: by range, as payload. `json`: by number, as base64 in JSON. */
export const FETCH_WAYS = ["auto", "binary", "raw", "json"] as const;
export type FetchWay = (typeof FETCH_WAYS)[number];

/** Bytes of buffer below which the binary way is no better than the raw one. */
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
  if (bufferBytes < USEFUL_BUFFER_BYTES) return firstThatServes([raw(), json()]);
  return firstThatServes([createBinaryDoor(notecard, options, bufferBytes), raw(), json()]);
}

/** Bytes that the Notecard's binary buffer holds; 0 for a Notecard without one: it came with firmware 5.3.1. */
async function readBufferSize(notecard: Notecard): Promise<number> {
  try {
    return maxOf(await notecard.request({ req: "card.binary" }));
  } catch (error) {
    if (error instanceof NotecardError) return maxOf(error.reply); // `{bad-bin}` concerns what somebody left in it
    if (error instanceof LineError) return 0;
    throw error;
  }
}

function maxOf(reply: unknown): number {
  const parsed = v.safeParse(BinaryStatus, reply);
  return parsed.success ? parsed.output.max : 0;
}
