import * as v from "valibot";
import { jsonObject } from "../../note/json-object.ts";
import { notefileKind } from "../../note/note.ts";
import type { WebRequest } from "../../notehub/proxy/web-request.ts";
import { md5 } from "../binary-buffer.ts";
import type { Card } from "../card.ts";
import { CardError } from "../card-error.ts";
import { type Answer, count, defineRequest, flag, required, text } from "../request.ts";
import { webExchange, webReply } from "../web-exchange.ts";

const METHODS = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"] as const;

const common = {
  route: required,
  name: v.optional(v.string(), ""),
  body: v.optional(jsonObject),
  content: text,
  seconds: count,
  binary: flag,
  offset: count,
  max: count,
  file: text,
  note: text,
};

const sending = {
  ...common,
  payload: v.optional(v.pipe(v.string(), v.base64("is not base64"))),
  status: text,
  total: count,
  verify: flag,
  async: flag,
};

type Sending = v.InferOutput<v.ObjectSchema<typeof sending, undefined>>;

export const webGet = defineRequest(common, (fields, card) => {
  const { binary, offset, max } = fields;
  const request = { ...webRequest(fields, "GET"), binary, offset, max };
  return perform(card, "web.get", request, fields, { binary, withMd5: false });
});

/** `web.post`, `web.put` and `web.delete`. With `total` the payload is a fragment that Notehub puts together. */
export const webSend = defineRequest(sending, (fields, card, name) => {
  const payload = payloadOf(fields, card);
  const { offset = 0, total, max, binary, content } = fields;
  const request: WebRequest = {
    ...webRequest(fields, name.slice("web.".length).toUpperCase()),
    payload,
    // A reply that is expected to be JSON never goes to the buffer.
    binary: binary && content !== undefined,
    maxReplyBytes: max,
    fragment: total === undefined ? undefined : { offset, total },
  };
  const done = perform(card, name, request, fields, { binary, withMd5: true });
  if (!fields.async) return done;
  // The host does not wait, and never learns what came of it.
  done.catch(() => undefined);
  return { json: {} };
});

/** `web`, with a method of the host's choice. */
export const web = defineRequest({ ...common, method: v.picklist(METHODS) }, (fields, card) => {
  if (fields.method === "CONNECT") throw new CardError("nothing here could use a tunnel {not-supported}");
  const request = webRequest(fields, fields.method);
  return perform(card, "web", request, fields, { binary: false, withMd5: false });
});

type Storing = { file?: string | undefined; note?: string | undefined };
type Returning = { binary: boolean; withMd5: boolean };

async function perform(
  card: Card,
  name: string,
  request: WebRequest,
  { file, note }: Storing,
  { binary, withMd5 }: Returning,
): Promise<Answer> {
  if (file !== undefined && !card.connection.connected()) return queue(card, name, request, file, note);
  return { json: webReply(card, await webExchange(card, name, request), binary, withMd5) };
}

/** Makes the request at the next connection, and stores its reply in a local database notefile. */
function queue(card: Card, name: string, request: WebRequest, file: string, note = "?"): Answer {
  if (notefileKind(file) !== "local") throw new CardError(`${file} is no .dbx notefile {notefile-bad-name}`);
  card.connection.onceConnected(async () => {
    const reply = await webExchange(card, name, request)
      .then((result) => webReply(card, result, false, false))
      .catch((error: unknown) => ({ err: error instanceof CardError ? error.message : "internal error" }));
    card.flash.notes.put(file, { body: reply }, { time: card.now(), name: note });
  });
  return { json: {} };
}

type Common = v.InferOutput<v.ObjectSchema<typeof common, undefined>>;

function webRequest(
  { route, name, body, content, seconds }: Pick<Common, "route" | "name" | "body" | "content" | "seconds">,
  method: string,
): WebRequest {
  return { route, name, method, body, content, seconds };
}

function payloadOf({ body, payload, binary, status }: Sending, card: Card): Buffer | undefined {
  if (body !== undefined && (payload !== undefined || binary)) {
    throw new CardError("body and payload exclude each other {incompatible}");
  }
  const stored = binary ? card.binary.bytes() : undefined;
  const bytes = payload === undefined ? stored : Buffer.from(payload, "base64");
  if (stored !== undefined) card.binary.clear();
  if (bytes !== undefined && status !== undefined && md5(bytes) !== status.toLowerCase()) {
    throw new CardError("the payload is not what its MD5 says {web-payload}");
  }
  return bytes;
}
