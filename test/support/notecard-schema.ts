import { readFileSync } from "node:fs";
import { type JsonSchema, schemaErrors } from "./json-schema.ts";

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/notecard-schema/${name}`, import.meta.url), "utf8"));

const constraints: Record<string, JsonSchema> = fixture("constraints.json");

/** The requests that Blues' schemas describe, of those that are of use here. */
export const PUBLISHED_REQUESTS = [
  ...new Set(Object.keys(constraints).map((key) => key.split(" ")[0] ?? "")),
];

/** Every request that Blues publishes a schema for. */
export const ALL_REQUESTS: string[] = fixture("requests.json");

/** The members that a request's schema names, and their schemas. */
export function requestMembers(name: string): Record<string, JsonSchema> {
  const { req: _req, cmd: _cmd, ...members } = constraints[`${name} req`]?.properties ?? {};
  return members;
}

/** The error and status codes that Blues publishes, without their braces. */
export const PUBLISHED_CODES: string[] = fixture("codes.json");

/** Of the transaction itself, and in no request's schema. */
const TRANSPORT = ["id", "crc"];

/** Sent by note-python and note-go, and by note-c. */
const UNDOCUMENTED_REQUEST: Record<string, string[]> = { "hub.set": ["body"], "card.binary": ["reset"] };

/** Read by Blues' own kiosk and by Arduino's updater. */
const UNDOCUMENTED_REPLY: Record<string, string[]> = {
  "web.get": ["total"],
  "web.post": ["total"],
  web: ["total"],
};

/** What is wrong with a request, by Blues' schema; what is undocumented but real aside. */
export function requestErrors(request: Record<string, unknown>): string[] {
  const name = String(request.req ?? request.cmd);
  return errorsOf(name, "req", request, UNDOCUMENTED_REQUEST);
}

/** What is wrong with the reply to a request. Any reply may be an error: `err` alone. */
export function replyErrors(name: string, reply: Record<string, unknown>): string[] {
  const { err, ...members } = reply;
  const only = Object.keys(members).filter((member) => !TRANSPORT.includes(member));
  if (typeof err === "string" && only.length === 0) return [];
  const errors = errorsOf(name, "rsp", reply, UNDOCUMENTED_REPLY);
  // The schema of its Notes has no payload; note-go's `note.Info`, which is what it reads them into, does.
  return name === "note.changes" ? errors.filter((each) => !/: payload is not a member$/.test(each)) : errors;
}

function errorsOf(
  name: string,
  kind: "req" | "rsp",
  message: Record<string, unknown>,
  undocumented: Record<string, string[]>,
): string[] {
  // `web.put` and `web.delete` are documented to be as `web.post`.
  const documented = ["web.put", "web.delete"].includes(name) ? "web.post" : name;
  const schema = constraints[`${documented} ${kind}`];
  if (schema === undefined) return [`no schema of ${name}`];
  const tolerated = [...TRANSPORT, ...(undocumented[documented] ?? [])];
  const checked = Object.entries(message).filter(([member]) => !tolerated.includes(member));
  const renamed = checked.map(([member, value]) =>
    documented !== name && ["req", "cmd"].includes(member) ? [member, documented] : [member, value],
  );
  return schemaErrors(schema, Object.fromEntries(renamed));
}
