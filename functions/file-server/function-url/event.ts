import * as v from "valibot";
import type { RawRequest } from "../../../protocol/request.ts";

/**
 * The event of a function URL, payload format 2.0; header names are lower-case, repeated ones joined by commas.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
const FunctionUrlEvent = v.object({
  rawPath: v.string(),
  rawQueryString: v.string(),
  headers: v.record(v.string(), v.string()),
  requestContext: v.object({ http: v.object({ method: v.string() }) }),
});

/** @throws {Error} for any other event; it names no value, since one of them is a token. */
export function readFunctionUrlEvent(event: unknown): RawRequest & { authorization: string | undefined } {
  const parsed = v.safeParse(FunctionUrlEvent, event);
  if (!parsed.success) throw new Error("the event is not a function URL's, payload format 2.0");
  const { rawPath, rawQueryString, headers, requestContext } = parsed.output;
  const { range, "if-match": ifMatch, "if-none-match": ifNoneMatch, "if-range": ifRange } = headers;
  return {
    method: requestContext.http.method,
    rawPath,
    rawQuery: rawQueryString,
    headers: { range, ifMatch, ifNoneMatch, ifRange },
    authorization: headers.authorization,
  };
}
