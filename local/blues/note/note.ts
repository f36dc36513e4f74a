import type { JsonObject } from "./json-object.ts";

/** What a Note carries: a body, a base64 payload, or both. */
export type NoteContent = { body?: JsonObject | undefined; payload?: string | undefined };

/** A Note at Notehub or on a Notecard. `time` is in epoch seconds. */
export type Note = NoteContent & { id: string; time: number };

/** Bytes that a Note's content takes on the link: a payload travels in binary, not as base64. */
export function noteBytes(note: NoteContent): number {
  const body = note.body === undefined ? 0 : Buffer.byteLength(JSON.stringify(note.body));
  return body + Buffer.byteLength(note.payload ?? "", "base64");
}

/** Which way the Notes of a notefile travel, by its extension; undefined for a name that is no notefile's. */
export function notefileKind(notefile: string): "inbound" | "outbound" | "database" | "local" | undefined {
  switch (/^[^\s/]+\.(qi|qis|qo|qos|db|dbs|dbx)$/.exec(notefile)?.[1]) {
    case "qi":
    case "qis":
      return "inbound";
    case "qo":
    case "qos":
      return "outbound";
    case "db":
    case "dbs":
      return "database";
    case "dbx":
      return "local";
    default:
      return undefined;
  }
}
