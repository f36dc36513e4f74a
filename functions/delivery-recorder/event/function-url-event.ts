import * as v from "valibot";

/**
 * The event of a function URL, payload format 2.0; header names are lower-case.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
const FunctionUrlEvent = v.object({
  headers: v.record(v.string(), v.string()),
  requestContext: v.object({ http: v.object({ method: v.string() }) }),
  body: v.optional(v.string(), ""),
  isBase64Encoded: v.optional(v.boolean(), false),
});

export type PostedEvent = { method: string; authorization: string | undefined; body: Buffer };

/** @throws {Error} for any other event; it names no value, since one of them is a token. */
export function readFunctionUrlEvent(event: unknown): PostedEvent {
  const parsed = v.safeParse(FunctionUrlEvent, event);
  if (!parsed.success) throw new Error("the event is not a function URL's, payload format 2.0");
  const { headers, requestContext, body, isBase64Encoded } = parsed.output;
  return {
    method: requestContext.http.method,
    authorization: headers.authorization,
    body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
  };
}
