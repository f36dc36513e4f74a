import * as v from "valibot";
import type { JsonObject } from "../note/json-object.ts";
import type { Card } from "./card.ts";
import { CardError } from "./card-error.ts";

/** The outcome of a request. */
export type Answer = {
  json: JsonObject;
  /** A COBS packet that follows the line of JSON. */
  packet?: Buffer;
  /** Takes the packet that the host sends next; `cobs` is its length, if that was told. */
  expects?: { cobs: number | undefined; take: (packet: Buffer) => void };
  /** The Notecard restarts once it has answered. */
  restart?: true | undefined;
};

/** Answers one kind of request. `fields` is the parsed line, its `req` or `cmd` included. */
export type RequestHandler = (fields: JsonObject, card: Card) => Answer | Promise<Answer>;

/**
 * Makes a handler of a function that takes the request's fields as their schema has them. Fields that the schema does
 * not name are ignored, as a Notecard does: note-python, for one, adds a `body` to `hub.set`.
 */
export function defineRequest<const Entries extends v.ObjectEntries>(
  entries: Entries,
  answer: (
    fields: v.InferOutput<v.ObjectSchema<Entries, undefined>>,
    card: Card,
    name: string,
  ) => Answer | Promise<Answer>,
): RequestHandler {
  const schema = v.object(entries);
  return (fields, card) => {
    const parsed = v.safeParse(schema, fields);
    if (!parsed.success) {
      const [issue] = parsed.issues;
      throw new CardError(`${v.getDotPath(issue) ?? "request"}: ${issue.message} {syntax}`);
    }
    return answer(parsed.output, card, String(fields.req ?? fields.cmd));
  };
}

/** Fields that many requests have. */
export const text = v.optional(v.string());
export const flag = v.optional(v.boolean(), false);
export const whole = v.optional(v.pipe(v.number(), v.integer()));
export const count = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)));
/** As `count`, where the schema has -1 for what is left out. */
export const countOrNone = v.optional(
  v.pipe(
    v.number(),
    v.integer(),
    v.minValue(-1),
    v.transform((value) => (value === -1 ? undefined : value)),
  ),
);
