import type { IncomingMessage, ServerResponse } from "node:http";
import * as v from "valibot";
import { explainFailure } from "../../cloud/explain-failure.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import type { Problem } from "../api.ts";
import { SAFE_HEADERS } from "./headers.ts";

/** One request to the API, after the guard. */
export type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  query: URLSearchParams;
  /** Aborted once the browser has gone, or the console ends. */
  signal: AbortSignal;
};

export type Handler = (exchange: Exchange) => Promise<void>;

/** Bytes of a request in JSON: a list of some thousand files. */
const JSON_MAX_BYTES = 4 * 1024 ** 2;

const STATUS = { usage: 400, auth: 502, "not-found": 404, fault: 502 } as const;

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { ...SAFE_HEADERS, "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

/** What was thrown, as the page shows it; a fault of ours says nothing there. */
export function problemOf(error: unknown): Problem & { status: number } {
  const known = explainFailure(error);
  if (known === undefined)
    return { problem: "this is a fault of noteferry itself: its terminal says which", status: 500 };
  return {
    problem: [known.message, ...known.lines].join("\n"),
    mayPass: known.mayPass,
    status: STATUS[known.code],
  };
}

/** The body of a request, parsed. @throws {OperatorError} `usage` for any other */
export async function readJson<const Schema extends v.GenericSchema>(
  { request }: Exchange,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    bytes += piece.length;
    if (bytes <= JSON_MAX_BYTES) pieces.push(piece); // the rest is read, or the browser would not hear the answer
  }
  if (bytes > JSON_MAX_BYTES)
    throw new OperatorError("usage", "that is too much at once: choose fewer files");
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), Buffer.concat(pieces).toString());
  if (parsed.success) return parsed.output;
  throw new OperatorError("usage", "the console cannot read that request");
}

/** A parameter of the query. @throws {OperatorError} `usage` if it is absent or too long for any name */
export function required({ query }: Exchange, name: string): string {
  const value = query.get(name) ?? "";
  if (value !== "" && value.length <= 1024) return value;
  throw new OperatorError("usage", `the console cannot read that request: ${name}`);
}
