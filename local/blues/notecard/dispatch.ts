import type { JsonObject } from "../note/json-object.ts";
import type { Card } from "./card.ts";
import { CardError } from "./card-error.ts";
import type { Answer, RequestHandler } from "./request.ts";
import { cardRestart, cardStatus, cardTime, cardVersion } from "./requests/card.ts";
import { cardAttn } from "./requests/card-attn.ts";
import { cardBinary, cardBinaryGet, cardBinaryPut } from "./requests/card-binary.ts";
import { cardLocation, cardTemp, cardVoltage } from "./requests/card-readings.ts";
import { cardRestore } from "./requests/card-restore.ts";
import { dfuGet, dfuStatus } from "./requests/dfu.ts";
import { envDefault, envGet, envModified, envSet } from "./requests/env.ts";
import { fileChanges, fileChangesPending } from "./requests/file-changes.ts";
import { fileDelete } from "./requests/file-delete.ts";
import { fileStats } from "./requests/file-stats.ts";
import { hubLog } from "./requests/hub-log.ts";
import { hubGet, hubSet } from "./requests/hub-set.ts";
import { hubSignal } from "./requests/hub-signal.ts";
import { hubStatus, hubSync, hubSyncStatus } from "./requests/hub-sync.ts";
import { noteAdd } from "./requests/note-add.ts";
import { noteChanges } from "./requests/note-changes.ts";
import { noteDelete } from "./requests/note-delete.ts";
import { noteGet } from "./requests/note-get.ts";
import { noteTemplate } from "./requests/note-template.ts";
import { noteUpdate } from "./requests/note-update.ts";
import { web, webGet, webSend } from "./requests/web.ts";

/** Every request that the stand-in answers; docs/LOCAL-NOTECARD.md lists them, and those that it does not. */
export const REQUESTS: ReadonlyMap<string, RequestHandler> = new Map([
  ["card.attn", cardAttn],
  ["card.binary", cardBinary],
  ["card.binary.get", cardBinaryGet],
  ["card.binary.put", cardBinaryPut],
  ["card.location", cardLocation],
  ["card.restart", cardRestart],
  ["card.restore", cardRestore],
  ["card.status", cardStatus],
  ["card.temp", cardTemp],
  ["card.time", cardTime],
  ["card.version", cardVersion],
  ["card.voltage", cardVoltage],
  ["dfu.get", dfuGet],
  ["dfu.status", dfuStatus],
  ["env.default", envDefault],
  ["env.get", envGet],
  ["env.modified", envModified],
  ["env.set", envSet],
  ["file.changes", fileChanges],
  ["file.changes.pending", fileChangesPending],
  ["file.delete", fileDelete],
  ["file.stats", fileStats],
  ["hub.get", hubGet],
  ["hub.log", hubLog],
  ["hub.set", hubSet],
  ["hub.signal", hubSignal],
  ["hub.status", hubStatus],
  ["hub.sync", hubSync],
  ["hub.sync.status", hubSyncStatus],
  ["note.add", noteAdd],
  ["note.changes", noteChanges],
  ["note.delete", noteDelete],
  ["note.get", noteGet],
  ["note.template", noteTemplate],
  ["note.update", noteUpdate],
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
