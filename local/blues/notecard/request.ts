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
      throw new CardError(`${complaint(parsed.issues[0])} {syntax}`);
    }
    return answer(parsed.output, card, String(fields.req ?? fields.cmd));
  };
}

/** A Notecard's words for an argument that is missing, as far as they are known: blues/note, `lib/req.go` and `lib/hubreq.go`. */
const MISSING: ReadonlyMap<string, string> = new Map([
  ["file", "no notefile specified"],
  ["files", "no notefiles were specified"],
  ["note", "no note ID specified"],
  ["route", "web request requires the alias for the notehub route to be used"],
]);

function complaint(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue) ?? "request";
  const missing = issue.input === undefined || issue.type === "non_empty";
  return missing ? (MISSING.get(field) ?? `no ${field} specified`) : `${field}: ${issue.message}`;
}

/** Fields that many requests have. */
export const required = v.pipe(v.string(), v.nonEmpty());
export const text = v.optional(v.string());
export const flag = v.optional(v.boolean(), false);
export const number = v.optional(v.number());
export const integer = v.optional(v.pipe(v.number(), v.integer()));
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
