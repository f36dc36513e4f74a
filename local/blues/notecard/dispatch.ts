import type { JsonObject } from "../note/json-object.ts";
import type { Card } from "./card.ts";
import { CardError } from "./card-error.ts";
import type { Answer, RequestHandler } from "./request.ts";
import { cardRestart, cardStatus, cardTime, cardVersion } from "./requests/card.ts";
import { cardAttn } from "./requests/card-attn.ts";
import { cardBinary, cardBinaryGet, cardBinaryPut } from "./requests/card-binary.ts";
import { envGet, envModified } from "./requests/env.ts";
import { fileChanges, fileChangesPending } from "./requests/file-changes.ts";
import { hubGet, hubSet } from "./requests/hub-set.ts";
import { hubSignal } from "./requests/hub-signal.ts";
import { hubStatus, hubSync, hubSyncStatus } from "./requests/hub-sync.ts";
import { noteAdd } from "./requests/note-add.ts";
import { noteChanges } from "./requests/note-changes.ts";
import { noteGet } from "./requests/note-get.ts";
import { web, webGet, webSend } from "./requests/web.ts";

/** Every request that the stand-in answers. https://dev.blues.io/api-reference/notecard-api/introduction/ */
const REQUESTS = new Map<string, RequestHandler>([
  ["card.attn", cardAttn],
  ["card.binary", cardBinary],
  ["card.binary.get", cardBinaryGet],
  ["card.binary.put", cardBinaryPut],
  ["card.restart", cardRestart],
  ["card.status", cardStatus],
  ["card.time", cardTime],
  ["card.version", cardVersion],
  ["env.get", envGet],
  ["env.modified", envModified],
  ["file.changes", fileChanges],
  ["file.changes.pending", fileChangesPending],
  ["hub.get", hubGet],
  ["hub.set", hubSet],
  ["hub.signal", hubSignal],
  ["hub.status", hubStatus],
  ["hub.sync", hubSync],
  ["hub.sync.status", hubSyncStatus],
  ["note.add", noteAdd],
  ["note.changes", noteChanges],
  ["note.get", noteGet],
  ["web", web],
  ["web.delete", webSend],
  ["web.get", webGet],
  ["web.post", webSend],
  ["web.put", webSend],
]);

/** @throws {CardError} for a request that is refused, `{not-supported}` for one that is not known. */
export async function dispatch(name: string, fields: JsonObject, card: Card): Promise<Answer> {
  const handler = REQUESTS.get(name);
  if (handler === undefined) throw new CardError(`unknown request: ${name} {not-supported}`);
  return handler(fields, card);
}
