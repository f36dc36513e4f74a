import { validateHeaderName, validateHeaderValue } from "node:http";
import * as v from "valibot";

export type WireReply = { status: number; headers: [name: string, value: string][]; body: Buffer };

const HeaderValue = v.pipe(
  v.union([v.string(), v.number(), v.boolean()]),
  v.transform((value) => String(value)),
);

const StructuredReply = v.object({
  statusCode: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
  headers: v.nullish(v.record(v.string(), HeaderValue), {}),
  cookies: v.nullish(v.array(v.string()), []),
  body: v.nullish(v.string(), ""),
  isBase64Encoded: v.nullish(v.boolean(), false),
});

/** The function URL writes these itself, whatever the function says. */
const WRITTEN_BY_LAMBDA = new Set(["connection", "content-length", "keep-alive", "transfer-encoding"]);

/**
 * What a function URL makes of a function's return value. One without `statusCode` is itself the body.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 *
 * @returns undefined for a value that Lambda answers with 502.
 */
export function toWireReply(payload: unknown): WireReply | undefined {
  if (typeof payload !== "object" || payload === null || !("statusCode" in payload)) {
    const text = typeof payload === "string" ? payload : JSON.stringify(payload ?? null);
    return { status: 200, headers: [["Content-Type", "application/json"]], body: Buffer.from(text) };
  }
  const parsed = v.safeParse(StructuredReply, payload);
  if (!parsed.success) return undefined;
  const { statusCode, cookies, body, isBase64Encoded } = parsed.output;
  const headers = Object.entries(parsed.output.headers).filter(
    ([name]) => !WRITTEN_BY_LAMBDA.has(name.toLowerCase()),
  );
  if (!headers.some(([name]) => name.toLowerCase() === "content-type")) {
    headers.push(["Content-Type", "application/json"]);
  }
  for (const cookie of cookies) headers.push(["Set-Cookie", cookie]);
  if (!headers.every(isHeader)) return undefined;
  const bytes = isBase64Encoded ? decodeBase64(body) : Buffer.from(body);
  return bytes === undefined ? undefined : { status: statusCode, headers, body: bytes };
}

function isHeader([name, value]: [string, string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

/** Node decodes what it can of broken base64; that would send bytes which the function never meant. */
function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
