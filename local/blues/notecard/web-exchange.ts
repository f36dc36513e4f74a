import type { JsonObject } from "../note/json-object.ts";
import { noteBytes } from "../note/note.ts";
import type { WebRequest, WebResult } from "../notehub/proxy/web-request.ts";
import { webResultBytes } from "../notehub/session.ts";
import { cobsLength, md5 } from "./binary-buffer.ts";
import type { Card } from "./card.ts";
import { CardError } from "./card-error.ts";
import { LinkLost } from "./link/link.ts";

const DEFAULT_SECONDS = 90;

/**
 * Makes a web request over the link, which counts it under the name `request`.
 *
 * @throws {CardError} if there is no connection, or no reply within the request's seconds.
 */
export async function webExchange(card: Card, request: string, web: WebRequest): Promise<WebResult> {
  const { connection, link, session } = card;
  if (!connection.connected()) {
    const code = card.hub.read().mode === "continuous" ? "{hub-not-connected}" : "{hub-mode}";
    throw new CardError(`web operations require being online (hub.set) ${code}`);
  }
  const seconds = web.seconds ?? DEFAULT_SECONDS;
  const deadline = link.clock.now() + seconds * 1000;
  try {
    await link.carry(request, "up", requestBytes(web), deadline);
    const result = await session.webRequest(web);
    await link.carry(request, "down", webResultBytes(result), deadline);
    return result;
  } catch (error) {
    if (!(error instanceof LinkLost)) throw error;
    if (error.reason === "outage") throw new CardError(`${request}: the connection was lost {network}`);
    // Nothing tells a Notecard that a message was lost: it waits for the reply as long as it was told to.
    await link.clock.sleep(Math.max(0, deadline - link.clock.now()));
    throw new CardError(`${request}: no reply from Notehub in ${seconds} seconds {receive-timeout}`);
  }
}

/** The members of a reply, with a payload as base64, or in the binary buffer. `total` is undocumented but real. */
export function webReply(card: Card, result: WebResult, binary: boolean, withMd5: boolean): JsonObject {
  if ("err" in result) throw new CardError(result.err);
  const { result: status, body, payload, total } = result;
  const reply = { result: status, total };
  if (payload !== undefined && binary) {
    card.binary.replace(payload);
    return { ...reply, length: payload.length, cobs: cobsLength(payload) };
  }
  return {
    ...reply,
    body,
    payload: payload?.toString("base64"),
    status: payload !== undefined && withMd5 ? md5(payload) : undefined,
  };
}

/** What a web request takes on the link. */
export function requestBytes({ route, name, content, body, payload }: WebRequest): number {
  const fields = Buffer.byteLength(route) + Buffer.byteLength(name) + Buffer.byteLength(content ?? "");
  return fields + noteBytes({ body }) + (payload?.length ?? 0);
}
